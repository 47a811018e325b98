import Bytes
import Foundation
import Records

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
            // No row has a field that is an object.
            if line.starts(with: Array("{\"_plumb\":{".utf8)), let note = Self.note(line) {
                if let error = note["error"] { problem = error }
                if let partial = note["partial"] { Terminal.note("partial answer: " + partial) }
                continue
            }
            printer.print(line: line) { Self.fields(line) ?? [] }
        }
        lines.removeAll()
    }

    /// What a line says of the answer; nil for a row.
    static func note(_ line: [UInt8]) -> [String: String]? {
        let object = try? JSONSerialization.jsonObject(with: Data(line)) as? [String: [String: String]]
        return object?["_plumb"]
    }

    private static func fields(_ line: [UInt8]) -> [(name: ByteString, value: ByteString)]? {
        guard case .object(let members) = try? JSONValue(parsing: line) else { return nil }
        return members.compactMap { member in
            guard case .string(let value) = member.value else { return nil }
            return (ByteString(member.key), ByteString(value))
        }
    }
}
