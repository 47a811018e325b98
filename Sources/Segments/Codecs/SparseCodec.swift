import Bytes
import Records

/// A column with missing values: a bit a row for "has a value" in a frame, then the values alone.
///
/// `present varint | frame of bits | payload of the present values`.
enum SparseCodec {
    static func writePresence(_ slices: [RecordBatch.Slice], effort: EncodingEffort, to writer: inout ByteWriter) {
        write(PresenceKernels.presence(ofSlices: slices.rawSpan), effort: effort, to: &writer)
    }

    /// Codes other than `missing` have a value.
    static func writePresence(
        _ codes: [UInt32], missing: UInt32, effort: EncodingEffort, to writer: inout ByteWriter
    ) {
        write(PresenceKernels.presence(of: codes, missing: missing), effort: effort, to: &writer)
    }

    /// 1 for each row with a value, 0 for the others.
    static func writePresence(_ bits: [UInt32], effort: EncodingEffort, to writer: inout ByteWriter) {
        write(PresenceKernels.presence(of: bits, missing: 0), effort: effort, to: &writer)
    }

    /// Bits as they are stored, and how many are set.
    static func writePresence(
        _ bits: [UInt8], present: Int, effort: EncodingEffort, to writer: inout ByteWriter
    ) {
        write((bits, present), effort: effort, to: &writer)
    }

    private static func write(
        _ presence: (bits: [UInt8], present: Int), effort: EncodingEffort, to writer: inout ByteWriter
    ) {
        writer.writeVarint(presence.present)
        ByteFrame.write(presence.bits.rawSpan, effort: effort, to: &writer)
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

    /// Where the present values begin in a payload of this encoding; nil for another one.
    static func denseStart(_ payload: RawSpan) -> Int? {
        var reader = ByteReader(payload)
        do {
            guard try reader.readUInt8() == ColumnEncoding.sparse.rawValue else { return nil }
            _ = try reader.readVarint()
            try ByteFrame.skip(&reader)
            return reader.offset
        } catch {
            return nil
        }
    }

    /// The dense values spread over all rows. O(rows + bytes).
    static func expand(_ dense: ColumnVector, _ presence: PresenceBits, present: Int) -> ColumnVector {
        let rows = presence.count
        switch dense {
        case .constant(let value):
            let codes = [UInt32](repeating: 0, count: present)
            return .dictionary(
                codes: PresenceKernels.spread(codes: codes, presence.bytes, rows: rows, missing: 1),
                values: StringColumn([value, .empty]))
        case .dictionary(let codes, var values):
            let missing = UInt32(values.count)
            values.append([UInt8]().rawSpan)
            return .dictionary(
                codes: PresenceKernels.spread(codes: codes, presence.bytes, rows: rows, missing: missing),
                values: values)
        case .integers, .strings:
            // A missing value takes no bytes, so that the texts stay where they are.
            let texts = dense.texts(count: present)
            let offsets = PresenceKernels.spread(offsets: texts.offsets, presence.bytes, rows: rows)
            return .strings(StringColumn(arena: texts.arena, offsets: offsets))
        }
    }
}
