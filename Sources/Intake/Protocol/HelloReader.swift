import Bytes
import Records

/// Decides from the first bytes of a connection whether they are a hello or already data.
struct HelloReader: Sendable {
    enum Verdict {
        /// Not decided yet.
        case more
        /// A sender without acknowledgement; these bytes are its data.
        case plain([UInt8])
        /// A hello line, without its line feed, and the data behind it.
        case hello([UInt8], rest: [UInt8])
    }

    private var held: [UInt8] = []

    /// Takes more bytes. Blank lines before the hello are passed over. O(bytes held).
    mutating func feed(_ bytes: RawSpan) -> Verdict {
        held.append(copying: bytes)
        var start = 0
        while start < held.count && Self.isBlank(held[start]) { start += 1 }
        switch Self.mayBeHello(held, from: start) {
        case nil: return held.count > Limits.helloBytes ? .plain(held) : .more
        case false?: return .plain(held)
        case true?: break
        }
        guard let end = firstIndex(of: 0x0A, in: held.rawSpan, from: start) else {
            return held.count - start > Limits.helloBytes ? .plain(held) : .more
        }
        return .hello(Array(held[start..<end]), rest: Array(held[(end + 1)...]))
    }

    /// The data that was held when the connection ended before it was decided; none if it was a hello cut short.
    mutating func takeRest() -> [UInt8] {
        defer { held = [] }
        let start = held.firstIndex { !Self.isBlank($0) } ?? held.count
        return Self.mayBeHello(held, from: start) == true ? [] : held
    }

    private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D }

    /// Whether the text begins like `{"plumb":`, white space allowed between; nil while it is too short to tell.
    private static func mayBeHello(_ bytes: [UInt8], from start: Int) -> Bool? {
        var place = start
        for part in [Array("{".utf8), Array("\"plumb\"".utf8), Array(":".utf8)] {
            while place < bytes.count && (bytes[place] == 0x20 || bytes[place] == 0x09) { place += 1 }
            for byte in part {
                guard place < bytes.count else { return nil }
                guard bytes[place] == byte else { return false }
                place += 1
            }
        }
        return true
    }
}
