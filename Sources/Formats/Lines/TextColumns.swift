import Bytes

/// The columns that text formats fill, found once. Columns are made when the first batch shows that they are used.
struct TextColumns: Sendable {
    let stream, priority, facility, facilityKeyword, severity, level, format, host, app, process, messageID: Int
    let client, identity, user, method, path, proto, status, bytes, referer, agent: Int
    /// The columns of the last logfmt row in their order, and where this row stands in it.
    private var order: [(key: ByteString, column: Int)] = []
    private var place = 0
    private var generation: Int

    init(_ assembler: inout BatchAssembler) {
        func column(_ name: ByteString) -> Int { assembler.column(named: name) }
        stream = column("stream")
        priority = column("priority")
        facility = column("facility")
        facilityKeyword = column("facility_keyword")
        severity = column("severity")
        level = column("level")
        format = column("format")
        host = column("hostname")
        app = column("app_name")
        process = column("proc_id")
        messageID = column("msg_id")
        client = column("client_ip")
        identity = column("ident")
        user = column("user")
        method = column("method")
        path = column("path")
        proto = column("protocol")
        status = column("status")
        bytes = column("bytes")
        referer = column("referer")
        agent = column("user_agent")
        generation = assembler.generation
    }

    mutating func beginLogfmtRow() { place = 0 }

    /// The column of a logfmt key: usually the one that followed last time; nil if the batch has no room for it.
    mutating func logfmtColumn(_ key: RawSpan, _ assembler: inout BatchAssembler) -> Int? {
        if generation != assembler.generation {
            generation = assembler.generation
            order = []
        }
        defer { place += 1 }
        if place < order.count {
            let expected = order[place]
            if expected.key.bytes.rawSpan.equals(key) { return expected.column }
        }
        let name = ByteString(key)
        guard assembler.rows == 0 || assembler.hasRoomForColumn(named: name) else { return nil }
        let column = assembler.column(named: name)
        if place < order.count { order[place] = (name, column) } else { order.append((name, column)) }
        return column
    }

    static let cause: ByteString = "Caused by:"

    /// What may follow the seconds of a time: digits, `.`, `,`, `Z`, `+`, `-`, `:`.
    static func isTimeByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: ","), UInt8(ascii: "Z"),
            UInt8(ascii: "+"),
            UInt8(ascii: "-"), UInt8(ascii: ":"):
            true
        default: false
        }
    }
}
