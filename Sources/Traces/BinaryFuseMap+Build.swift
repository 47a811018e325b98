import Bytes

extension BinaryFuseMap {
    /// Appends the map of `keys[i]` to `values[i]`. The keys must be distinct, each value below 2^`valueBits`, and both
    /// widths together at most 32 bits. O(keys).
    public static func write(
        _ keys: [UInt64], values: [UInt32], fingerprintBits: Int, valueBits: Int, to writer: inout ByteWriter
    ) {
        precondition(keys.count == values.count && fingerprintBits + valueBits <= 32 && keys.count < 1 << 31)
        guard !keys.isEmpty else { return }
        var shape = Shape(count: keys.count, fingerprintBits: fingerprintBits, valueBits: valueBits)
        var attempt: UInt64 = 0
        var peeling: FuseKernels.Peeling?
        repeat {
            // Just above some counts the paper's sizes are so tight that most seeds fail: more room then, and after a
            // few times every seed does. Keys that are not distinct never peel.
            precondition(attempt < 200, "keys are not distinct")
            if attempt > 0, attempt % 3 == 0 { shape.segmentCount += 1 + shape.segmentCount / 32 }
            shape.seed = attempt &* 0x9E37_79B9_7F4A_7C15 &+ 0x2545_F491_4F6C_DD1D
            attempt += 1
            peeling = FuseKernels.peel(
                keys, .init(seed: shape.seed, segmentBits: shape.segmentBits, segmentCount: shape.segmentCount))
        } while peeling == nil
        let cells = FuseKernels.contents(peeling!, values: values, fingerprintBits: fingerprintBits)
        writer.write(shape.seed)
        writer.write(UInt8(shape.segmentBits))
        writer.write(UInt8(fingerprintBits))
        writer.write(UInt8(valueBits))
        writer.write(UInt32(shape.segmentCount))
        PackedBits.pack(cells, width: shape.cellBits, to: &writer.bytes)
        writer.write(UInt64(0))
    }
}
