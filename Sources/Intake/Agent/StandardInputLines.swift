import Bytes
import Formats
import Machine
import Records

/// The lines of standard input. They have no place to go on from after a restart.
struct StandardInputLines: LineSource {
    private var held: [UInt8] = []
    private(set) var isAtEnd = false

    mutating func next() throws -> Chunk? {
        while !isAtEnd {
            let bytes = try StandardInput.read(count: Limits.shipChunkBytes)
            if bytes.isEmpty {
                isAtEnd = true
                return held.isEmpty ? nil : take(held.count, ending: [0x0A])
            }
            held += bytes
            if let end = held.lastIndex(of: 0x0A) { return take(end + 1, ending: []) }
            // A line that no server takes must not fill the memory; its beginning is enough to be refused.
            if held.count > 2 * Limits.recordBytes { held.removeLast(held.count - Limits.recordBytes - 16) }
        }
        return nil
    }

    func backlogBytes() -> Int { held.count }

    private mutating func take(_ count: Int, ending: [UInt8]) -> Chunk {
        let bytes = Array(held[..<count]) + ending
        held.removeFirst(count)
        return Chunk(bytes: bytes, records: countRecords(bytes.rawSpan), place: nil)
    }
}
