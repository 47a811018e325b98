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
            guard
                let binary = SliceKernels.decodeHex(
                    slices.rawSpan, arena, digits: digits, upperCase: upperCase, dashes: uuid)
            else { continue }
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
        return texts(try readBinary(&reader, head, count: count), head, count: count, uuid: uuid)
    }

    static func texts(_ binary: [UInt8], _ head: Head, count: Int, uuid: Bool) -> StringColumn {
        let text = SliceKernels.encodeHex(
            binary.rawSpan, digits: head.digits, upperCase: head.upperCase, dashes: uuid)
        let length = head.digits + (uuid ? 4 : 0)
        return StringColumn(arena: text, offsets: (0...count).map { UInt32($0 * length) })
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
}
