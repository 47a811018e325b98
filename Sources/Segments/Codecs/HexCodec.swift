import Bytes
import Records

/// Hex digits of one width and case, with or without a UUID's dashes, as binary. The values stand raw, one behind the
/// other, where a lookup finds them without decoding; byte positions that carry little information (a time at the
/// front, a version number) are taken out of them, and each becomes a plane of its own that is compressed.
///
/// `flags u8 (1: upper case, 2: all planes, 4: some planes) | digits varint | [a bit for each position, 1 for a
/// plane] | frame of what stands raw | a frame a plane`. All planes, which version 1 wrote, is as some, without the
/// bits and without the frame of the rest.
enum HexCodec {
    private static let upperCaseFlag: UInt8 = 1
    private static let allPlanesFlag: UInt8 = 2
    private static let somePlanesFlag: UInt8 = 4
    private static let knownFlags: UInt8 = 7
    static let uuidDigits = 32
    /// Widths beyond this are text that happens to look like hex.
    static let maximumDigits = 128

    // MARK: Encoding

    /// False, with nothing written, where a value is not of that width, case and form.
    static func encode(
        _ slices: [RecordBatch.Slice], _ arena: RawSpan, uuid: Bool, effort: EncodingEffort, to writer: inout ByteWriter
    ) -> Bool {
        let digits = uuid ? uuidDigits : Int(slices[0].length)
        guard digits <= maximumDigits else { return false }
        for upperCase in [false, true] {
            guard
                let binary = SliceKernels.decodeHex(
                    slices.rawSpan, arena, digits: digits, upperCase: upperCase, dashes: uuid)
            else { continue }
            encode(binary, digits: digits, upperCase: upperCase, effort: effort, to: &writer)
            return true
        }
        return false
    }

    /// Values that are binary already, `(digits + 1) / 2` bytes each.
    static func encode(
        _ binary: [UInt8], digits: Int, upperCase: Bool, effort: EncodingEffort, to writer: inout ByteWriter
    ) {
        let bytesPerValue = (digits + 1) / 2
        let isLong = effort == .seal && binary.count >= 64 * bytesPerValue
        let planes = isLong ? plainPositions(binary, stride: bytesPerValue) : []
        writer.write((upperCase ? upperCaseFlag : 0) | (planes.isEmpty ? 0 : somePlanesFlag))
        writer.writeVarint(digits)
        guard !planes.isEmpty else { return ByteFrame.writeStored(binary.rawSpan, to: &writer) }
        writer.write(bitmap(of: planes, count: bytesPerValue))
        let rest = (0..<bytesPerValue).filter { !planes.contains($0) }
        ByteFrame.writeStored(BytePlanes.select(rest, of: binary, stride: bytesPerValue).rawSpan, to: &writer)
        for position in planes {
            let plane = BytePlanes.select([position], of: binary, stride: bytesPerValue)
            ByteFrame.writeChunks(plane.rawSpan, to: &writer)
        }
    }

    private static func bitmap(of positions: [Int], count: Int) -> [UInt8] {
        var bits = [UInt8](repeating: 0, count: (count + 7) / 8)
        for position in positions { bits[position / 8] |= 1 << UInt8(position % 8) }
        return bits
    }

    /// The byte positions that are far from random, judged by the distinct bytes of the first 256 values.
    private static func plainPositions(_ binary: [UInt8], stride: Int) -> [Int] {
        let sample = min(256, binary.count / stride)
        let bytes = binary.rawSpan
        return (0..<stride).filter { position in
            // A bit a byte that was seen.
            var seen = InlineArray<4, UInt64>(repeating: 0)
            for row in 0..<sample {
                let byte = bytes[row * stride + position]
                seen[Int(byte >> 6)] |= 1 << UInt64(byte & 63)
            }
            let distinct =
                seen[0].nonzeroBitCount + seen[1].nonzeroBitCount + seen[2].nonzeroBitCount + seen[3].nonzeroBitCount
            // 256 random bytes have about 162 distinct values, 64 about 57.
            return distinct * 2 < min(162, sample)
        }
    }

    // MARK: Decoding

    struct Head {
        var upperCase: Bool
        var digits: Int
        /// Byte positions that are planes, ascending.
        var planes: [Int] = []
        /// Byte positions that stand raw, ascending.
        var rest: [Int] = []
        /// Whether a frame of what stands raw is there; it is empty where all of some planes are.
        var hasRest = true
        var bytesPerValue: Int { (digits + 1) / 2 }
    }

    static func readHead(_ reader: inout ByteReader) throws(CorruptionError) -> Head {
        let start = reader.offset
        let flags = try reader.readUInt8()
        let digits = try reader.readCount(limit: maximumDigits)
        guard flags & ~knownFlags == 0, digits > 0 else { throw CorruptionError("hex flags \(flags)", offset: start) }
        var head = Head(upperCase: flags & upperCaseFlag != 0, digits: digits)
        let positions = 0..<head.bytesPerValue
        if flags & somePlanesFlag != 0 {
            let bits = try reader.readBytes((head.bytesPerValue + 7) / 8)
            head.planes = positions.filter { bits[$0 / 8] >> UInt8($0 % 8) & 1 == 1 }
            head.rest = positions.filter { bits[$0 / 8] >> UInt8($0 % 8) & 1 == 0 }
        } else if flags & allPlanesFlag != 0 {
            head.planes = Array(positions)
            head.hasRest = false
        } else {
            head.rest = Array(positions)
        }
        return head
    }

    static func decode(_ reader: inout ByteReader, count: Int, uuid: Bool) throws(CorruptionError) -> StringColumn {
        let start = reader.offset
        let head = try readHead(&reader)
        guard !uuid || head.digits == uuidDigits else { throw CorruptionError("UUID width", offset: start) }
        return texts(try readBinary(&reader, head, count: count), head, count: count, uuid: uuid)
    }

    static func texts(_ binary: [UInt8], _ head: Head, count: Int, uuid: Bool) -> StringColumn {
        let text = SliceKernels.encodeHex(
            binary.rawSpan, digits: head.digits, upperCase: head.upperCase, dashes: uuid)
        let length = head.digits + (uuid ? 4 : 0)
        return StringColumn(arena: text, offsets: (0...count).map { UInt32($0 * length) })
    }

    /// All values, one behind the other. The head has been read.
    static func readBinary(
        _ reader: inout ByteReader, _ head: Head, count: Int
    ) throws(CorruptionError) -> [UInt8] {
        let stride = head.bytesPerValue
        if head.planes.isEmpty { return try ByteFrame.read(&reader, length: count * stride) }
        var binary = [UInt8](repeating: 0, count: count * stride)
        if head.hasRest {
            let rest = try ByteFrame.read(&reader, length: count * head.rest.count)
            BytePlanes.place(rest.rawSpan, at: head.rest, in: &binary, stride: stride)
        }
        for position in head.planes {
            let plane = try ByteFrame.read(&reader, length: count)
            BytePlanes.place(plane.rawSpan, at: [position], in: &binary, stride: stride)
        }
        return binary
    }

    /// The binary values of some rows, one behind the other. The head has been read; planes are decoded whole.
    static func readBinary(
        _ reader: inout ByteReader, _ head: Head, count: Int, rows: [Int]
    ) throws(CorruptionError) -> [UInt8] {
        let stride = head.bytesPerValue
        var binary = [UInt8](repeating: 0, count: rows.count * stride)
        if head.hasRest {
            let own = head.rest.count
            try ByteFrame.withBytes(&reader, length: count * own) { values in
                guard own < stride else {
                    binary.removeAll(keepingCapacity: true)
                    for row in rows { binary.append(copying: values.slice(row * stride, stride)) }
                    return
                }
                for (place, row) in rows.enumerated() {
                    for (index, position) in head.rest.enumerated() {
                        binary[place * stride + position] = values[row * own + index]
                    }
                }
            }
        }
        for position in head.planes {
            let plane = try ByteFrame.gather(&reader, length: count, at: rows)
            for place in rows.indices { binary[place * stride + position] = plane[place] }
        }
        return binary
    }

    /// The rows whose binary value is `wanted`, ascending: what stands raw is searched in place, and planes are
    /// looked at only where that matches. The head has been read; the reader moves to the payload's end.
    static func find(
        _ wanted: [UInt8], _ reader: inout ByteReader, _ head: Head, count: Int
    ) throws(CorruptionError) -> [Int] {
        var rows: [Int]?
        if head.rest.isEmpty {
            if head.hasRest { try ByteFrame.skip(&reader) }
        } else {
            let pattern = head.rest.map { wanted[$0] }
            try ByteFrame.withBytes(&reader, length: count * pattern.count) { values in
                rows = positionsOfFixedWidth(pattern.rawSpan, in: values)
            }
        }
        for position in head.planes {
            if let known = rows, known.isEmpty {
                try ByteFrame.skip(&reader)
                continue
            }
            try ByteFrame.withBytes(&reader, length: count) { plane in
                rows = (rows ?? Array(0..<count)).filter { plane[$0] == wanted[position] }
            }
        }
        return rows ?? []
    }
}
