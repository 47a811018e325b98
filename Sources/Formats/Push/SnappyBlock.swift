import Bytes

/// Unpacks the Snappy block format (google/snappy, format_description.txt): what Loki's clients send.
public enum SnappyBlock {
    /// The unpacked bytes. O(their number). Throws where the block is damaged or says that it holds more than `limit`.
    public static func unpack(_ block: RawSpan, limit: Int) throws(PushError) -> [UInt8] {
        var place = 0
        let length = try readLength(block, &place)
        guard length <= limit else { throw PushError("more than \(limit) bytes unpacked") }
        var output: [UInt8] = []
        // A byte of input makes at most 64 of output, so that a lie about the length costs no memory.
        output.reserveCapacity(min(length, block.byteCount * 64))
        while place < block.byteCount {
            let tag = block[place]
            let start = place
            place += 1
            if tag & 3 == 0 {
                let count = try literalLength(tag, block, &place)
                guard count <= block.byteCount - place, count <= length - output.count else { throw damaged(start) }
                output.append(copying: block.slice(place, count))
                place += count
            } else {
                let (count, distance) = try copyParts(tag, block, &place)
                guard distance > 0, distance <= output.count, count <= length - output.count else {
                    throw damaged(start)
                }
                for _ in 0..<count { output.append(output[output.count - distance]) }
            }
        }
        guard output.count == length else { throw PushError("the Snappy block ends early", at: place) }
        return output
    }

    private static func damaged(_ place: Int) -> PushError { PushError("the Snappy block is damaged", at: place) }

    private static func readLength(_ block: RawSpan, _ place: inout Int) throws(PushError) -> Int {
        var length = 0
        for shift in stride(from: 0, to: 35, by: 7) {
            guard place < block.byteCount else { break }
            let byte = block[place]
            place += 1
            length |= Int(byte & 0x7F) << shift
            if byte < 0x80 { return length }
        }
        throw damaged(0)
    }

    private static func number(_ block: RawSpan, _ place: inout Int, bytes: Int) throws(PushError) -> Int {
        guard bytes <= block.byteCount - place else { throw damaged(place) }
        var value = 0
        for byte in 0..<bytes { value |= Int(block[place + byte]) << (8 * byte) }
        place += bytes
        return value
    }

    private static func literalLength(_ tag: UInt8, _ block: RawSpan, _ place: inout Int) throws(PushError) -> Int {
        let short = Int(tag >> 2)
        return 1 + (short < 60 ? short : try number(block, &place, bytes: short - 59))
    }

    private static func copyParts(
        _ tag: UInt8, _ block: RawSpan, _ place: inout Int
    ) throws(PushError) -> (count: Int, distance: Int) {
        if tag & 3 == 1 {
            let low = try number(block, &place, bytes: 1)
            return (Int(tag >> 2 & 7) + 4, Int(tag >> 5) << 8 | low)
        }
        return (Int(tag >> 2) + 1, try number(block, &place, bytes: tag & 3 == 2 ? 2 : 4))
    }
}
