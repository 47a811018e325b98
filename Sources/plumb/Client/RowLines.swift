import Bytes
import Foundation

/// Splits a streamed NDJSON answer into rows, and keeps the lines by which a server says that it could not finish.
struct RowLines {
    private var lines: [[UInt8]] = []
    /// What the server said after the rows it could give.
    private(set) var problem: String?

    /// Takes the whole lines out of `bytes`; the rest waits for more.
    mutating func take(_ bytes: inout [UInt8]) throws {
        var start = 0
        while let end = firstIndex(of: UInt8(ascii: "\n"), in: bytes.rawSpan, from: start) {
            // Empty lines only keep the connection open.
            if end > start { lines.append(Array(bytes[start..<end])) }
            start = end + 1
        }
        bytes.removeFirst(start)
    }

    mutating func drain(into printer: inout RowPrinter) {
        for line in lines {
            // Only an answer's last lines can be such, and they hold one field.
            if line.count < 4_096,
                line.starts(with: Array("{\"error\":".utf8)) || line.starts(with: Array("{\"partial\":".utf8)),
                let fields = Self.fields(line), fields.count == 1
            {
                let text = fields[0].value.string
                if fields[0].name == "error" { problem = text } else { Terminal.note("partial answer: " + text) }
                continue
            }
            printer.print(line: line) { Self.fields(line) ?? [] }
        }
        lines.removeAll()
    }

    private static func fields(_ line: [UInt8]) -> [(name: ByteString, value: ByteString)]? {
        guard let object = try? JSONSerialization.jsonObject(with: Data(line)) as? [String: String] else { return nil }
        // A dictionary has no order; the usual fields first, then by name.
        let first = ["_time", "_msg", "_stream"]
        func rank(_ name: String) -> Int { first.firstIndex(of: name) ?? first.count }
        return object.sorted { (rank($0.key), $0.key) < (rank($1.key), $1.key) }
            .map { (ByteString($0.key), ByteString($0.value)) }
    }
}
