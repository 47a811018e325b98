import Bytes
import Records

/// How a sender wants its records read. The names follow VictoriaLogs' query arguments.
public struct ParseOptions: Sendable {
    /// Fields that may hold the record's time, best first (`_time_field`). The first that is present and not empty is
    /// the time and leaves the columns.
    public var timeFields: [ByteString]
    /// Whether the sender named the time field itself. Then a record whose time cannot be read is rejected; otherwise
    /// the field stays an ordinary column, the record gets its arrival time, and the case is counted. `_time` is always
    /// taken at its word.
    public var isTimeStrict: Bool
    /// Whether fields stay as they came: the time is read from its field and stays there too, and a time that cannot be
    /// read rejects no record. For files whose rows are shown again.
    public var keepsTimes = false
    /// Fields that may hold the message, best first (`_msg_field`). The first that is present is renamed to `_msg`.
    public var messageFields: [ByteString]
    /// Fields that make up the `_stream` column (`_stream_fields`); nil adds no such column.
    public var streamFields: [ByteString]?
    /// Fields that are dropped (`ignore_fields`). A `*` at the end stands for any ending.
    public var ignoreFields: [ByteString]
    /// Fields that every record gets (`extra_fields`); they replace those of the same name.
    public var extraFields: [(ByteString, ByteString)]
    public var tenant: Tenant

    public init(
        timeFields: [ByteString] = ParseOptions.defaultTimeFields, isTimeStrict: Bool = false,
        messageFields: [ByteString] = ParseOptions.defaultMessageFields, streamFields: [ByteString]? = nil,
        ignoreFields: [ByteString] = [], extraFields: [(ByteString, ByteString)] = [], tenant: Tenant = .main
    ) {
        self.timeFields = timeFields
        self.isTimeStrict = isTimeStrict
        self.messageFields = messageFields
        self.streamFields = streamFields
        self.ignoreFields = ignoreFields
        self.extraFields = extraFields
        self.tenant = tenant
    }

    /// Reads the arguments as VictoriaLogs spells them: lists are separated by commas, `extra_fields` holds
    /// `name=value` pairs. A nil argument keeps the default, an empty one too.
    public init(
        timeField: String?, messageField: String?, streamFields: String?, ignoreFields: String?, extraFields: String?,
        tenant: Tenant = .main
    ) {
        self.init(tenant: tenant)
        let times = Self.list(timeField)
        if !times.isEmpty {
            self.timeFields = times
            isTimeStrict = true
        }
        let messages = Self.list(messageField)
        if !messages.isEmpty { self.messageFields = messages }
        let streams = Self.list(streamFields)
        if !streams.isEmpty { self.streamFields = streams }
        self.ignoreFields = Self.list(ignoreFields)
        self.extraFields = Self.list(extraFields).compactMap { pair in
            guard let equals = pair.bytes.firstIndex(of: UInt8(ascii: "=")) else { return nil }
            return (ByteString(pair.bytes[..<equals]), ByteString(pair.bytes[(equals + 1)...]))
        }
    }

    private static func list(_ argument: String?) -> [ByteString] {
        guard let argument else { return [] }
        return argument.utf8.split(separator: UInt8(ascii: ",")).map { ByteString($0) }
    }

    public static let defaultTimeFields: [ByteString] = [
        "_time", "@timestamp", "timestamp", "time", "ts", "datetime", "date", "eventTime", "t", "@t",
    ]
    public static let defaultMessageFields: [ByteString] = ["_msg", "message", "msg", "log", "body", "@m"]

    /// Whether a field of this name is to be dropped. O(patterns).
    func ignores(_ name: ByteString) -> Bool {
        ignoreFields.contains { pattern in
            guard pattern.bytes.last == UInt8(ascii: "*") else { return pattern == name }
            return name.bytes.starts(with: pattern.bytes.dropLast())
        }
    }
}

extension ParseOptions: Equatable {
    public static func == (left: ParseOptions, right: ParseOptions) -> Bool {
        left.timeFields == right.timeFields && left.isTimeStrict == right.isTimeStrict
            && left.keepsTimes == right.keepsTimes && left.messageFields == right.messageFields
            && left.streamFields == right.streamFields && left.ignoreFields == right.ignoreFields
            && left.tenant == right.tenant && left.extraFields.count == right.extraFields.count
            && zip(left.extraFields, right.extraFields).allSatisfy { $0.0 == $1.0 && $0.1 == $1.1 }
    }
}
