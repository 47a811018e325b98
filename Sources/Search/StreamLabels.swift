import Bytes

/// The fields of a stream, as its name `{a="b",c="d"}` has them.
public enum StreamLabels {
    /// In the name's order; none if the text is no stream's name. O(length).
    public static func labels(of stream: ByteString) -> [(name: ByteString, value: ByteString)] {
        StreamNames.labels(stream.bytes.rawSpan) ?? []
    }
}
