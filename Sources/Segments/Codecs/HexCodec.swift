import Bytes
import Records

/// Hex digits of one width and case, with or without a UUID's dashes, as binary. Where some byte positions carry little
/// information (a time at the front, a version number), each position becomes a plane of its own and is compressed;
/// else the values stand raw, one behind the other, where a lookup finds them without decoding.
///
/// `flags u8 (1: upper case, 2: planes) | digits varint | frame of all, or a frame a byte position`.
enum HexCodec {
    private static let upperCaseFlag: UInt8 = 1
    private static let planesFlag: UInt8 = 2
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
            guard let binary = binary(slices, arena, digits: digits, uuid: uuid, upperCase: upperCase) else { continue }
            let bytesPerValue = (digits + 1) / 2
            let planes = effort == .seal && slices.count >= 64 && hasPlainPosition(binary, stride: bytesPerValue)
            writer.write((upperCase ? upperCaseFlag : 0) | (planes ? planesFlag : 0))
            writer.writeVarint(digits)
            if planes {
                for position in 0..<bytesPerValue {
                    let plane = stride(from: position, to: binary.count, by: bytesPerValue).map { binary[$0] }
                    ByteFrame.write(plane.rawSpan, effort: .seal, to: &writer)
                }
            } else {
                ByteFrame.writeStored(binary.rawSpan, to: &writer)
            }
            return true
        }
        return false
    }

    private static func binary(
        _ slices: [RecordBatch.Slice], _ arena: RawSpan, digits: Int, uuid: Bool, upperCase: Bool
    ) -> [UInt8]? {
        var binary: [UInt8] = []
        binary.reserveCapacity(slices.count * ((digits + 1) / 2))
        for slice in slices {
            let value = arena.slice(Int(slice.offset), Int(slice.length))
            if uuid {
                guard decodeUUID(value, upperCase: upperCase, to: &binary) else { return nil }
            } else {
                guard value.byteCount == digits, HexText.decode(value, upperCase: upperCase, to: &binary) else {
                    return nil
                }
            }
        }
        return binary
    }

    /// Where the parts of a UUID's text stand.
    private static let uuidParts = [(0, 8), (9, 4), (14, 4), (19, 4), (24, 12)]

    private static func decodeUUID(_ value: RawSpan, upperCase: Bool, to output: inout [UInt8]) -> Bool {
        guard value.byteCount == 36 else { return false }
        for (offset, _) in uuidParts.dropFirst() where value[offset - 1] != UInt8(ascii: "-") { return false }
        for (offset, length) in uuidParts {
            guard HexText.decode(value.slice(offset, length), upperCase: upperCase, to: &output) else { return false }
        }
        return true
    }

    /// Whether some byte position is far from random, judged by the distinct bytes of the first 256 values.
    private static func hasPlainPosition(_ binary: [UInt8], stride: Int) -> Bool {
        let sample = min(256, binary.count / stride)
        for position in 0..<stride {
            var seen = [Bool](repeating: false, count: 256)
            var distinct = 0
            for row in 0..<sample {
                let byte = Int(binary[row * stride + position])
                if !seen[byte] {
                    seen[byte] = true
                    distinct += 1
                }
            }
            // 256 random bytes have about 162 distinct values, 64 about 57.
            if distinct * 2 < min(162, sample) { return true }
        }
        return false
    }

    // MARK: Decoding

    struct Head {
        var upperCase: Bool
        var planes: Bool
        var digits: Int
        var bytesPerValue: Int { (digits + 1) / 2 }
    }

    static func readHead(_ reader: inout ByteReader) throws(CorruptionError) -> Head {
        let start = reader.offset
        let flags = try reader.readUInt8()
        let digits = try reader.readCount(limit: maximumDigits)
        guard flags <= 3, digits > 0 else { throw CorruptionError("hex flags \(flags)", offset: start) }
        return Head(upperCase: flags & upperCaseFlag != 0, planes: flags & planesFlag != 0, digits: digits)
    }

    static func decode(_ reader: inout ByteReader, count: Int, uuid: Bool) throws(CorruptionError) -> StringColumn {
        let start = reader.offset
        let head = try readHead(&reader)
        guard !uuid || head.digits == uuidDigits else { throw CorruptionError("UUID width", offset: start) }
        let binary = try readBinary(&reader, head, count: count)
        let stride = head.bytesPerValue
        var text = TextBuilder(rows: count, bytes: count * (head.digits + (uuid ? 4 : 0)))
        let bytes = binary.rawSpan
        for row in 0..<count {
            let value = bytes.slice(row * stride, stride)
            if uuid {
                appendUUID(value, upperCase: head.upperCase, to: &text.arena)
            } else {
                HexText.append(value, digits: head.digits, upperCase: head.upperCase, to: &text.arena)
            }
            text.endValue()
        }
        return text.column
    }

    static func readBinary(
        _ reader: inout ByteReader, _ head: Head, count: Int
    ) throws(CorruptionError) -> [UInt8] {
        let stride = head.bytesPerValue
        guard head.planes else { return try ByteFrame.read(&reader, length: count * stride) }
        var binary = [UInt8](repeating: 0, count: count * stride)
        for position in 0..<stride {
            let plane = try ByteFrame.read(&reader, length: count)
            for row in 0..<count { binary[row * stride + position] = plane[row] }
        }
        return binary
    }

    private static func appendUUID(_ bytes: RawSpan, upperCase: Bool, to output: inout [UInt8]) {
        var offset = 0
        for (start, length) in uuidParts {
            if start > 0 { output.append(UInt8(ascii: "-")) }
            HexText.append(bytes.slice(offset, length / 2), digits: length, upperCase: upperCase, to: &output)
            offset += length / 2
        }
    }
}
