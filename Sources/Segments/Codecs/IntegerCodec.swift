import Bytes

/// 64-bit integers, under whichever of these is smallest: one constant; offsets from the minimum; differences of
/// neighbours, offset from the smallest difference; differences with the sign as their lowest bit, for times that
/// mostly ascend by little and sometimes jump. Offsets are bit-packed, or taken apart into byte planes that are
/// compressed one by one, which follows a skewed distribution to within a fraction of a bit. Values that all end in the
/// same number of zeros (3, 6 or 9 decimal ones: times in coarser units) are divided first.
///
/// `mode u8 (low two bits: form; bit 2: planes; bit 3: sums; high half: decimal exponent / 3) | base zigzag | [smallest
/// difference zigzag] | width u8 | [sums: of the differences in each stretch of 1,024 values but the last, zigzag] |
/// packed bits or frames, low plane first`. Signed differences are always planes.
enum IntegerCodec {
    private enum Form: UInt8 {
        case constant = 0
        case offsets = 1
        case differences = 2
        case signed = 3
    }

    private static let planesFlag: UInt8 = 4
    /// Differences have their sums in front, so that a few values are read without all before them.
    private static let sumsFlag: UInt8 = 8
    static let stretch = 1_024
    /// Below this count planes cannot win back their frame headers.
    private static let planesFloor = 64

    // MARK: Encoding

    static func encode(_ original: [Int64], effort: EncodingEffort, to writer: inout ByteWriter) {
        let exponent = commonExponent(original)
        let values = exponent == 0 ? original : divided(original, by: powersOfTen[3 * exponent])
        let plan = Plan(values)
        let head = UInt8(exponent) << 4
        guard plan.smallest != plan.largest else {
            writer.write(head | Form.constant.rawValue)
            writer.writeZigzag(plan.smallest)
            return
        }
        if effort != .commit, plan.prefersSigned, effort == .packed || values.count >= planesFloor,
            writeSigned(values, plan, head, effort: effort, to: &writer)
        {
            return
        }
        let asDifferences = plan.prefersDifferences
        let form = asDifferences ? Form.differences : Form.offsets
        let residuals = asDifferences ? plan.differences(values) : plan.offsets(values)
        let width = asDifferences ? plan.differenceWidth : plan.offsetWidth
        let meanWidth = asDifferences ? plan.meanDifferenceWidth : plan.meanOffsetWidth
        var body = ByteWriter()
        var planes = false
        // Uniform noise of w bits has a mean width near w - 1: nothing for planes to gain there.
        if effort == .seal, values.count >= planesFloor, meanWidth < Double(width) - 1.25 {
            writePlanes(residuals, width: width, effort: effort, to: &body)
            planes = body.count < PackedBits.byteCount(values.count, width: width)
        } else if effort == .packed {
            writePlanes(residuals, width: width, effort: effort, to: &body)
            planes = true
        }
        let hasSums = asDifferences && planes && effort == .seal && values.count > stretch
        writer.write(head | form.rawValue | (planes ? planesFlag : 0) | (hasSums ? sumsFlag : 0))
        writer.writeZigzag(asDifferences ? values[0] : plan.smallest)
        if asDifferences { writer.writeZigzag(plan.smallestDifference) }
        writer.write(UInt8(width))
        if hasSums { writeSums(residuals.map { Int64(bitPattern: $0) }, to: &writer) }
        if planes {
            writer.write(body.bytes)
        } else {
            PackedBits.pack(residuals, width: width, to: &writer.bytes)
        }
    }

    private static func writeSums(_ differences: [Int64], to writer: inout ByteWriter) {
        for end in Swift.stride(from: stretch, to: differences.count, by: stretch) {
            writer.writeZigzag(differences[(end - stretch)..<end].reduce(0, &+))
        }
    }

    /// The sum of all differences before each stretch.
    private static func readSums(_ reader: inout ByteReader, count: Int) throws(CorruptionError) -> [UInt64] {
        var sums: [UInt64] = [0]
        for _ in Swift.stride(from: stretch, to: count, by: stretch) {
            sums.append(sums[sums.count - 1] &+ UInt64(bitPattern: try reader.readZigzag()))
        }
        return sums
    }

    /// False, with nothing written, where the planes do not compress.
    private static func writeSigned(
        _ values: [Int64], _ plan: Plan, _ head: UInt8, effort: EncodingEffort, to writer: inout ByteWriter
    ) -> Bool {
        let residuals = plan.signedDifferences(values)
        let width = BitPacking.width(of: residuals.reduce(0, max))
        var body = ByteWriter()
        writePlanes(residuals, width: width, effort: effort, to: &body)
        let packed = PackedBits.byteCount(values.count, width: min(plan.offsetWidth, plan.differenceWidth))
        guard effort == .packed || body.count < packed else { return false }
        let hasSums = effort == .seal && values.count > stretch
        writer.write(head | Form.signed.rawValue | planesFlag | (hasSums ? sumsFlag : 0))
        writer.writeZigzag(values[0])
        writer.write(UInt8(width))
        if hasSums { writeSums(residuals.map(unsigned), to: &writer) }
        writer.write(body.bytes)
        return true
    }

    /// Byte planes of `width`-bit values, low plane first, each a frame.
    static func writePlanes(_ values: [UInt64], width: Int, effort: EncodingEffort, to writer: inout ByteWriter) {
        for plane in 0..<((width + 7) / 8) {
            ByteFrame.writeChunks(BytePlanes.plane(plane, of: values).rawSpan, effort: effort, to: &writer)
        }
    }

    private static func commonExponent(_ values: [Int64]) -> Int {
        guard values.count > 1, values[0] % 1_000 == 0, values[values.count - 1] % 1_000 == 0 else { return 0 }
        if values.allSatisfy({ $0 % 1_000_000_000 == 0 }) { return 3 }
        if values.allSatisfy({ $0 % 1_000_000 == 0 }) { return 2 }
        return values.allSatisfy { $0 % 1_000 == 0 } ? 1 : 0
    }

    private static func divided(_ values: [Int64], by divisor: Int64) -> [Int64] {
        switch divisor {
        case 1_000: values.map { $0 / 1_000 }
        case 1_000_000: values.map { $0 / 1_000_000 }
        default: values.map { $0 / 1_000_000_000 }
        }
    }

    // MARK: Decoding

    static func decode(_ reader: inout ByteReader, count: Int) throws(CorruptionError) -> [Int64] {
        let start = reader.offset
        let mode = try reader.readUInt8()
        let form = try form(of: mode, at: start)
        let factor = powersOfTen[3 * Int(mode >> 4)]
        let base = try reader.readZigzag()
        if form == .constant { return [Int64](repeating: base &* factor, count: count) }
        let step = form == .differences ? try reader.readZigzag() : 0
        let width = try readWidth(&reader, limit: 64)
        if mode & sumsFlag != 0 { _ = try readSums(&reader, count: count) }
        let residuals = try decodeResiduals(&reader, count: count, width: width, planes: mode & planesFlag != 0)
        var values = [Int64](repeating: 0, count: count)
        if form == .signed {
            var value = base
            for index in residuals.indices {
                if index > 0 { value = value &+ unsigned(residuals[index]) }
                values[index] = value &* factor
            }
        } else if form == .differences {
            var value = base
            for index in residuals.indices {
                if index > 0 { value = value &+ Int64(bitPattern: residuals[index]) &+ step }
                values[index] = value &* factor
            }
        } else {
            for index in residuals.indices { values[index] = (base &+ Int64(bitPattern: residuals[index])) &* factor }
        }
        return values
    }

    /// Moves behind `count` integers. O(1).
    static func skip(_ reader: inout ByteReader, count: Int) throws(CorruptionError) {
        let mode = try reader.readUInt8()
        let form = try form(of: mode, at: reader.offset - 1)
        _ = try reader.readZigzag()
        if form == .constant { return }
        if form == .differences { _ = try reader.readZigzag() }
        let width = try readWidth(&reader, limit: 64)
        if mode & sumsFlag != 0 { _ = try readSums(&reader, count: count) }
        guard mode & planesFlag != 0 else { return try reader.skip(PackedBits.byteCount(count, width: width)) }
        for _ in 0..<((width + 7) / 8) { try ByteFrame.skip(&reader) }
    }

    private static func form(of mode: UInt8, at offset: Int) throws(CorruptionError) -> Form {
        guard let form = Form(rawValue: mode & 3), mode >> 4 <= 3,
            mode & sumsFlag == 0 || ([.differences, .signed].contains(form) && mode & planesFlag != 0)
        else { throw CorruptionError("integer mode \(mode)", offset: offset) }
        return form
    }

    /// The difference that a residual with the sign as its lowest bit stands for.
    private static func unsigned(_ residual: UInt64) -> Int64 {
        Int64(bitPattern: residual >> 1) ^ -Int64(residual & 1)
    }

    /// Some rows (ascending, below `count`), without decoding the others: packed ones are read in place, differences
    /// are added up. O(rows + bytes of compressed planes).
    static func decode(
        _ reader: inout ByteReader, count: Int, rows: [Int]
    ) throws(CorruptionError) -> [Int64] {
        let start = reader.offset
        let mode = try reader.readUInt8()
        let form = try form(of: mode, at: start)
        let factor = powersOfTen[3 * Int(mode >> 4)]
        let base = try reader.readZigzag()
        if form == .constant { return [Int64](repeating: base &* factor, count: rows.count) }
        if form == .signed, mode & sumsFlag == 0 {
            reader = ByteReader(reader.bytes, at: start)
            let all = try decode(&reader, count: count)
            return rows.map { all[$0] }
        }
        let step = form == .differences ? try reader.readZigzag() : 0
        let width = try readWidth(&reader, limit: 64)
        var values = [UInt64](repeating: 0, count: rows.count)
        if mode & planesFlag != 0 {
            if mode & sumsFlag != 0 {
                try readStretches(&reader, count: count, width: width, rows, isSigned: form == .signed, to: &values)
            } else {
                for plane in 0..<((width + 7) / 8) {
                    if form == .differences {
                        try ByteFrame.withBytes(&reader, length: count) {
                            addSums(of: $0, rows, plane: plane, to: &values)
                        }
                    } else {
                        let bytes = try ByteFrame.gather(&reader, length: count, at: rows)
                        for place in rows.indices { values[place] |= UInt64(bytes[place]) << UInt64(8 * plane) }
                    }
                }
            }
        } else {
            let packed = try reader.readSpan(PackedBits.byteCount(count, width: width))
            if form == .differences {
                let all = try PackedBits.unpack(packed, count: count, width: width, as: UInt64.self)
                sum(all, rows, into: &values)
            } else {
                for (place, row) in rows.enumerated() {
                    values[place] = PackedBits.value(packed, at: row, width: width)
                }
            }
        }
        return zip(values, rows).map { (base &+ Int64(bitPattern: $0.0) &+ Int64($0.1) &* step) &* factor }
    }

    /// The sums of the differences up to each of some rows, from the stretch of the first to the last of them.
    private static func readStretches(
        _ reader: inout ByteReader, count: Int, width: Int, _ rows: [Int], isSigned: Bool, to values: inout [UInt64]
    ) throws(CorruptionError) {
        let sums = try readSums(&reader, count: count)
        let start = (rows.first ?? 0) / stretch * stretch
        let end = (rows.last ?? -1) + 1
        var residuals = [UInt64](repeating: 0, count: max(0, end - start))
        for plane in 0..<((width + 7) / 8) {
            try ByteFrame.withBytes(&reader, length: count, start..<max(start, end)) { bytes, first in
                BytePlanes.merge(bytes.slice(start - first, residuals.count), plane: plane, into: &residuals)
            }
        }
        var total = sums[start / stretch]
        var next = start
        for (place, row) in rows.enumerated() {
            while next <= row {
                let residual = residuals[next - start]
                total &+= isSigned ? UInt64(bitPattern: unsigned(residual)) : residual
                next += 1
            }
            values[place] = total
        }
    }

    /// Adds to the value of each of some rows a plane's bytes of all rows up to it.
    private static func addSums(of bytes: RawSpan, _ rows: [Int], plane: Int, to values: inout [UInt64]) {
        var total: UInt64 = 0
        // The first row's place holds no difference.
        var next = 1
        for (place, row) in rows.enumerated() {
            if row >= next {
                total &+= CodeKernels.sum(bytes.slice(next, row + 1 - next))
                next = row + 1
            }
            values[place] &+= total << UInt64(8 * plane)
        }
    }

    private static func sum(_ differences: [UInt64], _ rows: [Int], into values: inout [UInt64]) {
        var total: UInt64 = 0
        var next = 1
        for (place, row) in rows.enumerated() {
            while next <= row {
                total &+= differences[next]
                next += 1
            }
            values[place] = total
        }
    }

    private static func decodeResiduals(
        _ reader: inout ByteReader, count: Int, width: Int, planes: Bool
    ) throws(CorruptionError) -> [UInt64] {
        if planes { return try readPlanes(&reader, count: count, width: width) }
        let packed = try reader.readSpan(PackedBits.byteCount(count, width: width))
        return try PackedBits.unpack(packed, count: count, width: width, as: UInt64.self)
    }

    static func readWidth(_ reader: inout ByteReader, limit: Int) throws(CorruptionError) -> Int {
        let width = Int(try reader.readUInt8())
        guard width <= limit else { throw CorruptionError("bit width \(width)", offset: reader.offset - 1) }
        return width
    }

    static func readPlanes(
        _ reader: inout ByteReader, count: Int, width: Int
    ) throws(CorruptionError) -> [UInt64] {
        var values = [UInt64](repeating: 0, count: count)
        for plane in 0..<((width + 7) / 8) {
            let bytes = try ByteFrame.read(&reader, length: count)
            BytePlanes.merge(bytes.rawSpan, plane: plane, into: &values)
        }
        return values
    }
}

/// 10^0 … 10^18.
let powersOfTen: [Int64] = (0...18).map { exponent in (0..<exponent).reduce(1) { power, _ in power * 10 } }
