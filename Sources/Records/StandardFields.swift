import Bytes

/// Fields with a meaning of their own.
public enum StandardFields {
    public static let time: ByteString = "_time"
    public static let message: ByteString = "_msg"
    public static let stream: ByteString = "_stream"
    public static let streamID: ByteString = "_stream_id"

    /// Without `_stream_fields`, a record's stream is made of those of these that it has.
    public static let defaultStream: [ByteString] = ["service", "host", "pod", "instance"]
}
