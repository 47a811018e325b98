import Bytes
import Records

/// A column with missing values: a bit a row for "has a value" in a frame, then the values alone.
///
/// `present varint | frame of bits | payload of the present values`.
enum SparseCodec {
    static func writePresence(_ slices: [RecordBatch.Slice], effort: EncodingEffort, to writer: inout ByteWriter) {
        writePresence(slices.map { UInt32($0.length > 0 ? 1 : 0) }, effort: effort, to: &writer)
    }

    /// 1 for each row with a value, 0 for the others.
    static func writePresence(_ bits: [UInt32], effort: EncodingEffort, to writer: inout ByteWriter) {
        writer.writeVarint(Int(bits.reduce(0, +)))
        var packed: [UInt8] = []
        PackedBits.pack(bits, width: 1, to: &packed)
        ByteFrame.write(packed.rawSpan, effort: effort, to: &writer)
    }

    /// The presence bit of every row and their sum.
    static func readPresence(
        _ reader: inout ByteReader, count: Int
    ) throws(CorruptionError) -> (bits: [UInt8], present: Int) {
        let start = reader.offset
        let present = try reader.readCount(limit: count)
        let packed = try ByteFrame.read(&reader, length: PackedBits.byteCount(count, width: 1))
        let bits = try PackedBits.unpack(packed.rawSpan, count: count, width: 1, as: UInt8.self)
        guard bits.reduce(0, { $0 + Int($1) }) == present, present > 0 else {
            throw CorruptionError("presence bits do not count to \(present)", offset: start)
        }
        return (bits, present)
    }

    /// The presence bits as they are stored.
    static func readBits(_ reader: inout ByteReader, count: Int) throws(CorruptionError) -> PresenceBits {
        let start = reader.offset
        let present = try reader.readCount(limit: count)
        let packed = try ByteFrame.read(&reader, length: PackedBits.byteCount(count, width: 1))
        let bits = PresenceBits(packed, count: count)
        guard bits.rank(of: count) == present, present > 0 else {
            throw CorruptionError("presence bits do not count to \(present)", offset: start)
        }
        return bits
    }

    /// The dense values spread over all rows.
    static func expand(_ dense: ColumnVector, bits: [UInt8], present: Int) -> ColumnVector {
        switch dense {
        case .constant(let value):
            return .dictionary(codes: bits.map { UInt32(1 - $0) }, values: StringColumn([value, .empty]))
        case .dictionary(let codes, var values):
            let missing = UInt32(values.count)
            values.append([UInt8]().rawSpan)
            var next = 0
            let spread = bits.map { bit in
                defer { next += Int(bit) }
                return bit == 0 ? missing : codes[next]
            }
            return .dictionary(codes: spread, values: values)
        case .integers, .strings:
            // A missing value takes no bytes, so that the texts stay where they are.
            let texts = dense.texts(count: present)
            var offsets: [UInt32] = []
            offsets.reserveCapacity(bits.count + 1)
            offsets.append(texts.offsets[0])
            var next = 0
            for bit in bits {
                next += Int(bit)
                offsets.append(texts.offsets[next])
            }
            return .strings(StringColumn(arena: texts.arena, offsets: offsets))
        }
    }
}
