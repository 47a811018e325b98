import Bytes
import Records

/// Text as it came: the lengths as integers, then all bytes in one frame.
enum TextCodec {
    static func encode(
        _ slices: [RecordBatch.Slice], _ arena: RawSpan, effort: EncodingEffort, to writer: inout ByteWriter
    ) {
        IntegerCodec.encode(slices.map { Int64($0.length) }, effort: effort, to: &writer)
        let bytes = SliceKernels.gather(
            slices.rawSpan, arena, byteCount: slices.reduce(0) { $0 + Int($1.length) })
        ByteFrame.write(bytes.rawSpan, effort: effort, level: 3, to: &writer)
    }

    static func decode(_ reader: inout ByteReader, count: Int) throws(CorruptionError) -> StringColumn {
        let start = reader.offset
        let lengths = try IntegerCodec.decode(&reader, count: count)
        var offsets: [UInt32] = [0]
        offsets.reserveCapacity(count + 1)
        var end: Int64 = 0
        for length in lengths {
            guard length >= 0, length <= Int64(ByteFrame.maximumLength) - end else {
                throw CorruptionError("text of \(length) bytes", offset: start)
            }
            end += length
            offsets.append(UInt32(end))
        }
        let arena = try ByteFrame.read(&reader, length: Int(end))
        return StringColumn(arena: arena, offsets: offsets)
    }
}
