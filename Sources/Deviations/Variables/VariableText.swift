import Bytes
import Templates

/// A message of a form, taken apart: what is read of its static text.
struct VariableText {
    private static let longest = 200
    private let bytes: [UInt8]
    private let variables: [Range<Int>]

    init(_ message: ByteString) {
        let bytes = message.bytes
        var parts = MessageParts()
        MessageSplitter().split(bytes.rawSpan, into: &parts)
        self.bytes = bytes
        variables = parts.variables.map { Int($0.lowerBound)..<Int($0.upperBound) }
    }

    /// The message with `<*>` for its variables, and another text for one of them; long ones are cut.
    func text(with replacement: String, at variable: Int) -> String {
        var text: [UInt8] = []
        var cursor = 0
        for (number, range) in variables.enumerated() {
            text += bytes[cursor..<range.lowerBound]
            text += Array((number == variable ? replacement : "<*>").utf8)
            cursor = range.upperBound
            if text.count > Self.longest, number >= variable { return String(decoding: text, as: UTF8.self) + "…" }
        }
        return String(decoding: text + bytes[cursor...], as: UTF8.self)
    }

    /// The word before a variable, which mostly names it: `ratio` in `hit ratio 97` and in `ratio=97`; empty for none.
    func name(of variable: Int) -> String {
        guard variable < variables.count else { return "" }
        let start = variable > 0 ? variables[variable - 1].upperBound : 0
        var end = variables[variable].lowerBound
        while end > start, !Self.isWord(bytes[end - 1]) { end -= 1 }
        var first = end
        while first > start, Self.isWord(bytes[first - 1]) { first -= 1 }
        return String(decoding: bytes[first..<end], as: UTF8.self)
    }

    /// Whether the variable stands by itself, not as a part of a name or path such as `node-3`, `blk_17` or `/v2`.
    func isApart(_ variable: Int) -> Bool {
        guard variable < variables.count else { return false }
        let range = variables[variable]
        if range.lowerBound > 0 {
            let before = bytes[range.lowerBound - 1]
            if Self.isWord(before) || [UInt8(ascii: "/"), UInt8(ascii: "#"), UInt8(ascii: "@")].contains(before) {
                return false
            }
        }
        return range.upperBound == bytes.count || bytes[range.upperBound] != UInt8(ascii: "/")
    }

    private static func isWord(_ byte: UInt8) -> Bool {
        let letter = byte | 0x20
        return letter >= UInt8(ascii: "a") && letter <= UInt8(ascii: "z") || byte >= 0x80
            || byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9")
            || byte == UInt8(ascii: "_") || byte == UInt8(ascii: "-") || byte == UInt8(ascii: ".")
    }

    /// Words behind which a number tells one thing from another, not how much of something there is.
    private static let identifying: Set<String> = [
        "id", "ids", "no", "nr", "number", "key", "index", "idx", "account", "user", "order", "product", "item", "sku",
        "project", "tenant", "customer", "integration", "session", "lock", "replica", "partition", "offset", "shard",
        "segment", "bucket", "port", "pid", "tid", "thread", "worker", "node", "job", "task", "batch", "request",
        "report", "document", "invoice", "ticket", "seat", "version", "revision", "build", "commit", "line", "block",
        "slot", "step", "sequence", "seq", "lsn", "epoch", "term", "generation", "transaction", "txn", "tx", "payment",
        "message", "msg", "event", "packet", "stream", "channel", "connection", "conn", "client", "server", "host",
        "at", "on", "since", "until", "code", "status", "errno", "error", "signal", "attempt", "file",
    ]

    /// Whether what stands behind this name tells things apart: `order`, `user_id`, `txn`.
    static func isIdentifying(_ name: String) -> Bool {
        let text = name.lowercased()
        let last = text.split { $0 == "_" || $0 == "-" || $0 == "." }.last.map(String.init) ?? text
        return identifying.contains(last) || last.hasSuffix("id") && last.count > 3 || name.hasSuffix("Id")
    }
}
