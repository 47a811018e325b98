import Bytes
import Records

/// Text as it came: the lengths as integers, then all bytes in one frame. Or, where a compressor is to see whole words,
/// `255 u8 | frame of the texts, a zero byte behind each`.
enum TextCodec {
    private static let terminated: UInt8 = 255

    static func encode(
        _ slices: [RecordBatch.Slice], _ arena: RawSpan, effort: EncodingEffort, to writer: inout ByteWriter
    ) {
        if effort == .packed, writeTerminated(slices, arena, to: &writer) { return }
        IntegerCodec.encode(slices.map { Int64($0.length) }, effort: effort, to: &writer)
        let bytes = SliceKernels.gather(
            slices.rawSpan, arena, byteCount: slices.reduce(0) { $0 + Int($1.length) })
        ByteFrame.write(bytes.rawSpan, effort: effort, level: 3, to: &writer)
    }

    /// False, with nothing written, where a text holds a zero byte.
    static func writeTerminated(
        _ slices: [RecordBatch.Slice], _ arena: RawSpan, to writer: inout ByteWriter
    ) -> Bool {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(slices.reduce(slices.count) { $0 + Int($1.length) })
        for slice in slices {
            let text = arena.slice(Int(slice.offset), Int(slice.length))
            if firstIndex(of: 0, in: text) != nil { return false }
            bytes.append(copying: text)
            bytes.append(0)
        }
        writer.write(terminated)
        ByteFrame.writeStored(bytes.rawSpan, to: &writer)
        return true
    }

    /// Nil, the reader unmoved, where the texts are not terminated.
    static func readTerminated(_ reader: inout ByteReader, count: Int) throws(CorruptionError) -> StringColumn? {
        var peek = reader
        guard try peek.readUInt8() == terminated else { return nil }
        let bytes = try ByteFrame.read(&peek)
        var arena: [UInt8] = []
        arena.reserveCapacity(bytes.count)
        var offsets: [UInt32] = [0]
        offsets.reserveCapacity(count + 1)
        for byte in bytes {
            if byte == 0 { offsets.append(UInt32(arena.count)) } else { arena.append(byte) }
        }
        guard offsets.count == count + 1, Int(offsets[count]) == arena.count else {
            throw CorruptionError("\(offsets.count - 1) texts where \(count) belong", offset: reader.offset)
        }
        reader = peek
        return StringColumn(arena: arena, offsets: offsets)
    }

    static func decode(_ reader: inout ByteReader, count: Int) throws(CorruptionError) -> StringColumn {
        let start = reader.offset
        if let texts = try readTerminated(&reader, count: count) { return texts }
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
