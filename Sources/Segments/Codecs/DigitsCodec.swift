import Bytes
import Records

/// Values of one length whose digits stand at the same places, between bytes that are the same in all of them: clock
/// times, dates in any order, numbers with leading zeros. The runs of digits are the places of one number in a mixed
/// base, so that times of day ascend by differences. A run of two digits that never exceeds 59 counts to 60; one of six
/// whose pairs never do, a time without colons, to 60³.
///
/// The last run, a fraction of seconds that says nothing of the next one, may stand apart in integers of its own.
///
/// `pattern counted (digits as 0) | a base u8 a run of digits: 0 for a power of ten, 60 for 60 or 60³, 1 for the last
/// run where it stands apart | integers [integers of the last run]`.
enum DigitsCodec {
    /// Longer values are text that happens to be alike.
    static let longest = 40
    private static let sexagesimal: Int64 = 60
    /// Below this many rows, six digits may look like a time by chance.
    private static let clockRowsFloor = 16
    /// Digits of a fraction that may stand apart, at least.
    private static let fractionDigits = 5
    private static let apart: UInt8 = 1
    /// Products of bases stay below it, so that differences of values do not overflow; those of which the last run
    /// stands apart need only fit.
    private static let largest: Int64 = 1 << 62

    struct Shape {
        /// Digits as `0`.
        var pattern: [UInt8]
        /// Where each run of digits stands.
        var runs: [Range<Int>]
        /// What each run counts to.
        var bases: [Int64]
        /// Whether the last run has integers of its own.
        var isApart = false

        /// What a run counts to whose pairs of digits count to 60 each; nil for a run of another length.
        func clockBase(_ run: Int) -> Int64? {
            switch runs[run].count {
            case 2: DigitsCodec.sexagesimal
            case 6: DigitsCodec.sexagesimal * DigitsCodec.sexagesimal * DigitsCodec.sexagesimal
            default: nil
            }
        }

        /// Nil for a pattern without digits or with too many of them.
        init?(pattern: [UInt8]) {
            self.pattern = pattern
            runs = []
            var start = -1
            for place in 0...pattern.count {
                let isDigit = place < pattern.count && pattern[place] == UInt8(ascii: "0")
                if isDigit, start < 0 { start = place }
                if !isDigit, start >= 0 {
                    runs.append(start..<place)
                    start = -1
                }
            }
            guard !runs.isEmpty, runs.allSatisfy({ $0.count <= 18 }) else { return nil }
            bases = runs.map { powersOfTen[$0.count] }
        }

        /// Nil for a value without digits, or a long one.
        init?(of value: RawSpan) {
            guard value.byteCount <= DigitsCodec.longest else { return nil }
            self.init(
                pattern: (0..<value.byteCount).map {
                    DigitsCodec.isDigit(value[$0]) ? UInt8(ascii: "0") : value[$0]
                })
        }

        var isInRange: Bool {
            var product: Int64 = 1
            for base in bases {
                let (next, overflow) = product.multipliedReportingOverflow(by: base)
                if overflow || (!isApart && next > DigitsCodec.largest) { return false }
                product = next
            }
            return true
        }
    }

    // MARK: Encoding

    /// False, with nothing written, where a value has another pattern. The values have one length. O(bytes).
    static func encode(
        _ slices: [RecordBatch.Slice], _ arena: RawSpan, effort: EncodingEffort, to writer: inout ByteWriter
    ) -> Bool {
        let first = arena.slice(Int(slices[0].offset), Int(slices[0].length))
        guard var shape = Shape(of: first), var numbers = read(slices, arena, shape) else { return false }
        let runs = shape.runs.count
        for run in 0..<runs {
            guard let base = shape.clockBase(run), base == sexagesimal || slices.count >= clockRowsFloor else {
                continue
            }
            let places = stride(from: run, to: numbers.count, by: runs)
            guard places.allSatisfy({ isClock(numbers[$0]) }) else { continue }
            shape.bases[run] = base
            for place in places { numbers[place] = fromClock(numbers[place]) }
        }
        let mayStandApart = runs > 2 && shape.runs[runs - 1].count >= fractionDigits
        let isSmall = shape.isInRange
        shape.isApart = mayStandApart
        guard shape.isInRange else { return false }
        let heads = combined(numbers, shape, runs: runs - 1)
        let tails = stride(from: runs - 1, to: numbers.count, by: runs).map { numbers[$0] }
        let values = heads.indices.map { heads[$0] * shape.bases[runs - 1] + tails[$0] }
        var body = ByteWriter()
        if mayStandApart {
            IntegerCodec.encode(heads, effort: effort, to: &body)
            IntegerCodec.encode(tails, effort: effort, to: &body)
        }
        if isSmall {
            var other = ByteWriter()
            IntegerCodec.encode(values, effort: effort, to: &other)
            shape.isApart = mayStandApart && effort.size(body.bytes) < effort.size(other.bytes)
            if !shape.isApart { body = other }
        }
        writer.writeCounted(shape.pattern)
        for run in 0..<runs {
            let isClock = shape.bases[run] == shape.clockBase(run)
            writer.write(shape.isApart && run == runs - 1 ? apart : isClock ? UInt8(sexagesimal) : 0)
        }
        writer.write(body.bytes)
        return true
    }

    /// The first runs of each row as one number.
    private static func combined(_ numbers: [Int64], _ shape: Shape, runs: Int) -> [Int64] {
        let all = shape.runs.count
        return stride(from: 0, to: numbers.count, by: all).map { start in
            (0..<runs).reduce(0) { $0 * shape.bases[$1] + numbers[start + $1] }
        }
    }

    /// Whether all pairs of digits of a number are below 60.
    private static func isClock(_ number: Int64) -> Bool {
        number / 10_000 < sexagesimal && number / 100 % 100 < sexagesimal && number % 100 < sexagesimal
    }

    private static func fromClock(_ number: Int64) -> Int64 {
        (number / 10_000 * sexagesimal + number / 100 % 100) * sexagesimal + number % 100
    }

    private static func toClock(_ number: UInt64) -> UInt64 {
        let base = UInt64(sexagesimal)
        return number / (base * base) * 10_000 + number / base % base * 100 + number % base
    }

    fileprivate static func isDigit(_ byte: UInt8) -> Bool { byte &- UInt8(ascii: "0") < 10 }

    /// The numbers of all runs of one value.
    static func numbers(_ value: RawSpan, _ shape: Shape) -> [Int64]? {
        read([.init(offset: 0, length: UInt32(value.byteCount))], value, shape)
    }

    /// The numbers of all runs, row by row.
    static func read(_ slices: [RecordBatch.Slice], _ arena: RawSpan, _ shape: Shape) -> [Int64]? {
        var numbers: [Int64] = []
        numbers.reserveCapacity(slices.count * shape.runs.count)
        let length = shape.pattern.count
        for slice in slices {
            let value = arena.slice(Int(slice.offset), length)
            var number: Int64 = 0
            var isInside = false
            for place in 0..<length {
                let byte = value[place]
                if shape.pattern[place] == UInt8(ascii: "0") {
                    guard isDigit(byte) else { return nil }
                    number = number &* 10 &+ Int64(byte &- UInt8(ascii: "0"))
                    isInside = true
                } else {
                    guard byte == shape.pattern[place] else { return nil }
                    if isInside { numbers.append(number) }
                    isInside = false
                    number = 0
                }
            }
            if isInside { numbers.append(number) }
        }
        return numbers
    }

    // MARK: Decoding

    static func readShape(_ reader: inout ByteReader) throws(CorruptionError) -> Shape {
        let start = reader.offset
        let pattern = try reader.readCounted()
        guard pattern.count <= longest, var shape = Shape(pattern: pattern) else {
            throw CorruptionError("pattern of digits", offset: start)
        }
        for run in shape.runs.indices {
            switch try reader.readUInt8() {
            case 0: break
            case apart where run == shape.runs.count - 1 && run > 0:
                shape.bases[run] = powersOfTen[shape.runs[run].count]
                shape.isApart = true
            case UInt8(sexagesimal):
                guard let base = shape.clockBase(run) else { throw CorruptionError("base of digits", offset: start) }
                shape.bases[run] = base
            case let base: throw CorruptionError("base \(base) of digits", offset: start)
            }
        }
        guard shape.isInRange else { throw CorruptionError("too many digits", offset: start) }
        return shape
    }

    static func decode(_ reader: inout ByteReader, count: Int) throws(CorruptionError) -> StringColumn {
        let shape = try readShape(&reader)
        let values = try read(&reader, shape) { reader throws(CorruptionError) in
            try IntegerCodec.decode(&reader, count: count)
        }
        return texts(values, shape)
    }

    /// The same for some rows (ascending, below `count`).
    static func decode(
        _ reader: inout ByteReader, count: Int, rows: [Int]
    ) throws(CorruptionError) -> StringColumn {
        let shape = try readShape(&reader)
        let values = try read(&reader, shape) { reader throws(CorruptionError) in
            try IntegerCodec.decode(&reader, count: count, rows: rows)
        }
        return texts(values, shape)
    }

    /// The numbers of all runs together, from the integers as they are laid down.
    private static func read(
        _ reader: inout ByteReader, _ shape: Shape,
        _ integers: (inout ByteReader) throws(CorruptionError) -> [Int64]
    ) throws(CorruptionError) -> [Int64] {
        let heads = try integers(&reader)
        guard shape.isApart else { return heads }
        let tails = try integers(&reader)
        let base = shape.bases[shape.bases.count - 1]
        return heads.indices.map { heads[$0] &* base &+ tails[$0] }
    }

    static func texts(_ values: [Int64], _ shape: Shape) -> StringColumn {
        let length = shape.pattern.count
        var arena: [UInt8] = []
        arena.reserveCapacity(values.count * length)
        for value in values {
            let start = arena.count
            arena.append(contentsOf: shape.pattern)
            var rest = value.magnitude
            for run in shape.runs.indices.reversed() {
                let base = UInt64(shape.bases[run])
                var number = rest % base
                rest /= base
                if shape.bases[run] == shape.clockBase(run) { number = toClock(number) }
                for place in shape.runs[run].reversed() {
                    arena[start + place] = UInt8(ascii: "0") + UInt8(number % 10)
                    number /= 10
                }
            }
        }
        return StringColumn(arena: arena, offsets: (0...values.count).map { UInt32($0 * length) })
    }
}
