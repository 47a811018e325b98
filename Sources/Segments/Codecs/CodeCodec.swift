import Bytes

/// Codes into a dictionary whose values stand in the order of their first appearance, under whichever of these is
/// smallest: bit-packed; packed to whole fractions of a byte and then compressed; byte planes compressed; runs; or, for
/// codes that recur soon after they first appeared (traces), the distance back from the newest code (0: a new one).
///
/// `form u8 | width u8 | …`.
enum CodeCodec {
    private enum Form: UInt8 {
        case packed = 0
        case compressed = 1
        case planes = 2
        case distances = 3
        case runs = 4
    }

    // MARK: Encoding

    /// `counts[code]` is how often a code stands in `codes`.
    static func encode(_ codes: [UInt32], counts: [UInt32], effort: EncodingEffort, to writer: inout ByteWriter) {
        let width = BitPacking.width(of: UInt64(counts.count - 1))
        var best = candidate(.packed, width) { PackedBits.pack(codes, width: width, to: &$0.bytes) }
        let runs = runCount(codes)
        if runs * 6 < codes.count {
            keepSmaller(&best, candidate(.runs, width) { writeRuns(codes, count: runs, effort: effort, to: &$0) })
        }
        if effort == .seal, codes.count >= 256 {
            let entropy = entropyBits(counts, total: codes.count)
            if entropy < 0.94 * Double(width) || runs * 10 < codes.count * 7 {
                keepSmaller(&best, compressed(codes, width: width))
            }
            if counts.count > 32, let distances = distancesWorthTrying(codes, width: width) {
                let wide = BitPacking.width(of: distances.reduce(0, max))
                keepSmaller(
                    &best, candidate(.distances, wide) { IntegerCodec.writePlanes(distances, width: wide, to: &$0) })
            }
        }
        writer.write(best.bytes)
    }

    private static func candidate(_ form: Form, _ width: Int, _ body: (inout ByteWriter) -> Void) -> ByteWriter {
        var writer = ByteWriter()
        writer.write(form.rawValue)
        writer.write(UInt8(width))
        body(&writer)
        return writer
    }

    private static func keepSmaller(_ best: inout ByteWriter, _ other: ByteWriter) {
        if other.count < best.count { best = other }
    }

    private static func compressed(_ codes: [UInt32], width: Int) -> ByteWriter {
        if width > 8 {
            return candidate(.planes, width) { IntegerCodec.writePlanes(codes.map(UInt64.init), width: width, to: &$0) }
        }
        // Whole fractions of a byte keep equal runs of codes equal as bytes, and let one Huffman symbol span some.
        let aligned = width <= 1 ? 1 : width <= 2 ? 2 : width <= 4 ? 4 : 8
        var packed: [UInt8] = []
        PackedBits.pack(codes, width: aligned, to: &packed)
        return candidate(.compressed, aligned) { ByteFrame.write(packed.rawSpan, effort: .seal, to: &$0) }
    }

    private static func runCount(_ codes: [UInt32]) -> Int {
        codes.isEmpty ? 0 : 1 + CodeKernels.changes(codes)
    }

    private static func writeRuns(_ codes: [UInt32], count: Int, effort: EncodingEffort, to writer: inout ByteWriter) {
        var values: [Int64] = []
        var lengths: [Int64] = []
        values.reserveCapacity(count)
        lengths.reserveCapacity(count)
        for (index, code) in codes.enumerated() {
            if index > 0, code == codes[index - 1] {
                lengths[lengths.count - 1] += 1
            } else {
                values.append(Int64(code))
                lengths.append(1)
            }
        }
        writer.writeVarint(values.count)
        IntegerCodec.encode(values, effort: effort, to: &writer)
        IntegerCodec.encode(lengths, effort: effort, to: &writer)
    }

    /// Order-0 entropy of the codes, bits a code.
    static func entropyBits(_ counts: [UInt32], total: Int) -> Double {
        var bits = 0.0
        for count in counts { bits -= Double(count) * approximateLog2(Double(count) / Double(total)) }
        return bits / Double(total)
    }

    /// Nil where codes do not recur close to their first appearance, or did not first appear in ascending order.
    private static func distancesWorthTrying(_ codes: [UInt32], width: Int) -> [UInt64]? {
        var distances = [UInt64](repeating: 0, count: codes.count)
        var newest: UInt32 = 0
        var bits = 0
        for (index, code) in codes.enumerated() {
            if code == newest {
                newest += 1
            } else {
                guard code < newest else { return nil }
                let distance = UInt64(newest - code)
                distances[index] = distance
                bits &+= BitPacking.width(of: distance)
            }
        }
        return Double(bits) / Double(codes.count) < Double(width) - 2 ? distances : nil
    }

    // MARK: Decoding

    /// Every code answered is below `limit`.
    static func decode(_ reader: inout ByteReader, count: Int, limit: Int) throws(CorruptionError) -> [UInt32] {
        let start = reader.offset
        let code = try reader.readUInt8()
        guard let form = Form(rawValue: code) else { throw CorruptionError("code form \(code)", offset: start) }
        let width = try IntegerCodec.readWidth(&reader, limit: 32)
        let codes: [UInt32]
        switch form {
        case .packed:
            let packed = try reader.readSpan(PackedBits.byteCount(count, width: width))
            codes = try PackedBits.unpack(packed, count: count, width: width, as: UInt32.self)
        case .compressed:
            let packed = try ByteFrame.read(&reader, length: PackedBits.byteCount(count, width: width))
            codes = try PackedBits.unpack(packed.rawSpan, count: count, width: width, as: UInt32.self)
        case .planes:
            codes = try IntegerCodec.readPlanes(&reader, count: count, width: width).map(
                UInt32.init(truncatingIfNeeded:))
        case .distances:
            codes = try codesFromDistances(&reader, count: count, width: width)
        case .runs:
            codes = try readRuns(&reader, count: count)
        }
        guard codes.reduce(0, max) < limit || codes.isEmpty else {
            throw CorruptionError("code beyond a dictionary of \(limit)", offset: start)
        }
        return codes
    }

    /// The codes of some rows of `count`: packed ones are read in place. The reader moves to the codes' end.
    static func decode(
        _ reader: inout ByteReader, count: Int, limit: Int, rows: [Int]
    ) throws(CorruptionError) -> [UInt32] {
        let start = reader.offset
        var peek = reader
        let form = Form(rawValue: try peek.readUInt8())
        guard form == .packed || form == .compressed else {
            let all = try decode(&reader, count: count, limit: limit)
            return rows.map { all[$0] }
        }
        let width = try IntegerCodec.readWidth(&peek, limit: 32)
        let length = PackedBits.byteCount(count, width: width)
        var some: [UInt32] = []
        if form == .packed {
            let packed = try peek.readSpan(length)
            for row in rows { some.append(UInt32(PackedBits.value(packed, at: row, width: width))) }
        } else {
            let packed = try ByteFrame.read(&peek, length: length)
            for row in rows { some.append(UInt32(PackedBits.value(packed.rawSpan, at: row, width: width))) }
        }
        reader = peek
        guard some.allSatisfy({ $0 < limit }) else {
            throw CorruptionError("code beyond a dictionary of \(limit)", offset: start)
        }
        return some
    }

    private static func codesFromDistances(
        _ reader: inout ByteReader, count: Int, width: Int
    ) throws(CorruptionError) -> [UInt32] {
        let start = reader.offset
        guard width <= 16 else {
            return try wideCodesFromDistances(
                try IntegerCodec.readPlanes(&reader, count: count, width: width), at: start)
        }
        let low = width == 0 ? [UInt8](repeating: 0, count: count) : try ByteFrame.read(&reader, length: count)
        let high = width <= 8 ? [] : try ByteFrame.read(&reader, length: count)
        guard let found = SliceKernels.codesFromDistances(low: low.rawSpan, high: high.rawSpan) else {
            throw CorruptionError("distance before the start", offset: start)
        }
        return found.codes
    }

    private static func wideCodesFromDistances(
        _ distances: [UInt64], at offset: Int
    ) throws(CorruptionError) -> [UInt32] {
        var codes = [UInt32](repeating: 0, count: distances.count)
        var newest: UInt32 = 0
        for index in distances.indices {
            let distance = distances[index]
            guard distance <= UInt64(newest) else { throw CorruptionError("distance before the start", offset: offset) }
            codes[index] = newest - UInt32(distance)
            if distance == 0 { newest += 1 }
        }
        return codes
    }

    private static func readRuns(_ reader: inout ByteReader, count: Int) throws(CorruptionError) -> [UInt32] {
        let start = reader.offset
        let runs = try reader.readCount(limit: count)
        let values = try IntegerCodec.decode(&reader, count: runs)
        let lengths = try IntegerCodec.decode(&reader, count: runs)
        var codes: [UInt32] = []
        codes.reserveCapacity(count)
        for run in 0..<runs {
            guard let value = UInt32(exactly: values[run]), lengths[run] > 0, lengths[run] <= count - codes.count else {
                throw CorruptionError("run \(run) cannot be", offset: start)
            }
            for _ in 0..<lengths[run] { codes.append(value) }
        }
        guard codes.count == count else {
            throw CorruptionError("runs of \(codes.count) rows, not \(count)", offset: start)
        }
        return codes
    }
}

/// log2 to about 0.01: enough to compare encodings, without a maths library.
func approximateLog2(_ value: Double) -> Double {
    guard value > 0 else { return 0 }
    let mantissa = value.significand
    return Double(value.exponent) + (mantissa - 1) * (1 + 0.33 * (2 - mantissa))
}
