import Bytes

/// Codes into a dictionary whose values stand in the order of their first appearance, under whichever of these is
/// smallest: bit-packed; packed to whole fractions of a byte and then compressed; byte planes compressed; runs; or, for
/// codes that recur soon after they first appeared (traces), the distance back from the newest code (0: a new one), for
/// long runs as `RecentCodes`.
///
/// `form u8 | width u8 | …`.
enum CodeCodec {
    private enum Form: UInt8 {
        case packed = 0
        case compressed = 1
        case planes = 2
        case distances = 3
        case runs = 4
        /// Written up to version 7: codes known before each stretch of 8,192 rows after the first, varints | planes of
        /// distances.
        case stretches = 5
        case recent = 6
    }

    /// Rows of a stretch of version 7.
    static let stretchRows = 8 << 10
    /// Shorter runs are read as a whole.
    private static let recentFloor = 1 << 10

    // MARK: Encoding

    /// `counts[code]` is how often a code stands in `codes`.
    static func encode(_ codes: [UInt32], counts: [UInt32], effort: EncodingEffort, to writer: inout ByteWriter) {
        let width = BitPacking.width(of: UInt64(counts.count - 1))
        if effort == .packed { return writer.write(wholeBytes(codes, width: width).bytes) }
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
            if counts.count > 32, let other = recent(codes, counts: counts, width: width, effort: effort) {
                keepSmaller(&best, other)
            }
        }
        writer.write(best.bytes)
    }

    /// Nil where codes do not recur close to their first appearance.
    private static func recent(
        _ codes: [UInt32], counts: [UInt32], width: Int, effort: EncodingEffort
    ) -> ByteWriter? {
        if codes.count > recentFloor {
            guard let recent = RecentCodes(codes, counts: counts, codeWidth: width) else { return nil }
            var writer = ByteWriter()
            writer.write(Form.recent.rawValue)
            recent.write(effort: effort, to: &writer)
            return writer
        }
        guard let distances = distancesWorthTrying(codes, width: width) else { return nil }
        let wide = BitPacking.width(of: distances.reduce(0, max))
        return candidate(.distances, wide) {
            IntegerCodec.writePlanes(distances, width: wide, effort: effort, to: &$0)
        }
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
            return candidate(.planes, width) {
                IntegerCodec.writePlanes(codes.map(UInt64.init), width: width, effort: .seal, to: &$0)
            }
        }
        // Whole fractions of a byte keep equal runs of codes equal as bytes, and let one Huffman symbol span some.
        let aligned = width <= 1 ? 1 : width <= 2 ? 2 : width <= 4 ? 4 : 8
        var packed: [UInt8] = []
        PackedBits.pack(codes, width: aligned, to: &packed)
        return candidate(.compressed, aligned) { ByteFrame.writeChunks(packed.rawSpan, to: &$0) }
    }

    /// What a compressor of the whole block sees through best: a byte a code, or the distances of codes that recur
    /// soon.
    private static func wholeBytes(_ codes: [UInt32], width: Int) -> ByteWriter {
        if width > 4, codes.count >= 64, let distances = distancesWorthTrying(codes, width: width) {
            let wide = BitPacking.width(of: distances.reduce(0, max))
            return candidate(.distances, wide) {
                IntegerCodec.writePlanes(distances, width: wide, effort: .packed, to: &$0)
            }
        }
        if width > 8 {
            return candidate(.planes, width) {
                IntegerCodec.writePlanes(codes.map(UInt64.init), width: width, effort: .packed, to: &$0)
            }
        }
        return candidate(.compressed, 8) {
            ByteFrame.writeStored(codes.map { UInt8($0) }.rawSpan, to: &$0)
        }
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
        if form == .recent {
            return try RecentCodes.Layout(&reader, count: count).codes(&reader, limit: limit)
        }
        let width = try IntegerCodec.readWidth(&reader, limit: 32)
        let codes: [UInt32]
        switch form {
        case .distances where width <= 16, .stretches:
            if form == .stretches { _ = try DistanceStretches(&reader, count: count) }
            let found = try DistanceStretches.codes(&reader, count: count, width: width)
            guard count == 0 || found.largest < limit else {
                throw CorruptionError("code beyond a dictionary of \(limit)", offset: start)
            }
            return found.codes
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
            codes = try wideCodesFromDistances(
                try IntegerCodec.readPlanes(&reader, count: count, width: width), at: start)
        case .runs, .recent:
            codes = try readRuns(&reader, count: count)
        }
        guard codes.reduce(0, max) < limit || codes.isEmpty else {
            throw CorruptionError("code beyond a dictionary of \(limit)", offset: start)
        }
        return codes
    }

    /// The codes of some rows of `count` (ascending), without decoding the others where the form allows it. The reader
    /// moves to the codes' end.
    static func decode(
        _ reader: inout ByteReader, count: Int, limit: Int, rows: [Int]
    ) throws(CorruptionError) -> [UInt32] {
        let start = reader.offset
        var peek = reader
        let form = Form(rawValue: try peek.readUInt8())
        let layout = form == .recent ? try RecentCodes.Layout(&peek, count: count) : nil
        let width = layout == nil ? try IntegerCodec.readWidth(&peek, limit: 32) : 0
        var some: [UInt32] = []
        switch form {
        case .packed:
            let packed = try peek.readSpan(PackedBits.byteCount(count, width: width))
            for row in rows { some.append(UInt32(PackedBits.value(packed, at: row, width: width))) }
        case .compressed:
            // Whole fractions of a byte: a code lies within one.
            let perByte = 8 / max(1, min(8, width))
            guard (1...8).contains(width), width.nonzeroBitCount == 1 else {
                throw CorruptionError("code width", offset: start)
            }
            let bytes = try ByteFrame.gather(
                &peek, length: PackedBits.byteCount(count, width: width), at: rows.map { $0 / perByte })
            let mask = UInt32(1) << UInt32(width) - 1
            for (place, row) in rows.enumerated() {
                some.append(UInt32(bytes[place]) >> UInt32(row % perByte * width) & mask)
            }
        case .planes:
            some = [UInt32](repeating: 0, count: rows.count)
            for plane in 0..<((width + 7) / 8) {
                let bytes = try ByteFrame.gather(&peek, length: count, at: rows)
                for place in rows.indices { some[place] |= UInt32(bytes[place]) << UInt32(8 * plane) }
            }
        case .distances where width <= 16:
            some = try DistanceStretches(single: count).codes(&peek, width: width, rows: rows)
        case .stretches:
            some = try DistanceStretches(&peek, count: count).codes(&peek, width: width, rows: rows)
        default:
            guard let layout else {
                let all = try decode(&reader, count: count, limit: limit)
                return rows.map { all[$0] }
            }
            some = try layout.codes(&peek, rows: rows)
        }
        reader = peek
        guard some.allSatisfy({ $0 < limit }) else {
            throw CorruptionError("code beyond a dictionary of \(limit)", offset: start)
        }
        return some
    }

    /// The rows that have one of some codes, ascending. The reader moves to the codes' end.
    static func rows(
        of wanted: [Int], _ reader: inout ByteReader, count: Int, limit: Int
    ) throws(CorruptionError) -> [Int] {
        var peek = reader
        let form = Form(rawValue: try peek.readUInt8())
        if form == .recent, wanted.count == 1 {
            let layout = try RecentCodes.Layout(&peek, count: count)
            let rows = try layout.rows(of: wanted[0], &peek)
            reader = peek
            return rows
        }
        let width = form == .recent ? 0 : try IntegerCodec.readWidth(&peek, limit: 32)
        if form == .stretches, wanted.count == 1 {
            let stretches = try DistanceStretches(&peek, count: count)
            let rows = try stretches.rows(of: wanted[0], &peek, width: width)
            reader = peek
            return rows
        }
        let codes = try decode(&reader, count: count, limit: limit)
        return wanted.flatMap { CodeKernels.positions(of: UInt32($0), in: codes).map(Int.init) }.sorted()
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
