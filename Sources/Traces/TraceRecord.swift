import Bytes

/// One record of a trace, with its fields in the order in which they were stored.
public struct TraceRecord: Sendable {
    /// Nanoseconds since the epoch.
    public var time: Int64
    /// Non-empty values only.
    public var fields: [(name: ByteString, value: ByteString)]

    public init(time: Int64, fields: [(name: ByteString, value: ByteString)]) {
        self.time = time
        self.fields = fields
    }

    /// The value of a field, or nil. O(fields).
    public subscript(name: ByteString) -> ByteString? { fields.first { $0.name == name }?.value }

    /// The value of the first of these fields that the record has.
    func first(of names: [ByteString]) -> ByteString? {
        for name in names {
            if let value = self[name] { return value }
        }
        return nil
    }
}
