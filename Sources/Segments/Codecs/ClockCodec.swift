import Bytes
import Records

/// A variable of a template that tells its row's own time again, whole or in part: the date, the time of day or the
/// fraction of a second that a line begins with. It keeps no values, only what each run of digits stands for.
///
/// `pattern counted (digits as 0) | part u8 a run of digits`.
enum ClockCodec {
    /// What a run of digits tells of a time in UTC.
    fileprivate enum Part: UInt8, CaseIterable {
        case year = 0
        case yearOfCentury = 1
        case month = 2
        case day = 3
        case hour = 4
        case minute = 5
        case second = 6
        /// The first digits of the fraction, as many as the run has.
        case fraction = 7

        func isFitting(_ digits: Int) -> Bool {
            switch self {
            case .year: digits == 4
            case .fraction: digits <= 9
            default: digits == 2
            }
        }
    }

    /// A time taken apart.
    struct Moment {
        var year: Int64
        var month: Int64
        var day: Int64
        var second: Int64
        var nanosecond: Int64

        init(_ time: Int64) {
            let days = Self.floorDivided(time, Timestamp.nanosecondsPerDay)
            let date = CivilDate(daysSinceEpoch: days)
            year = Int64(date.year)
            month = Int64(date.month)
            day = Int64(date.day)
            let rest = time &- days &* Timestamp.nanosecondsPerDay
            second = rest / 1_000_000_000
            nanosecond = rest % 1_000_000_000
        }

        private static func floorDivided(_ value: Int64, _ divisor: Int64) -> Int64 {
            value % divisor < 0 ? value / divisor - 1 : value / divisor
        }
    }

    /// What a variable of this kind prints.
    struct Layout {
        fileprivate var shape: DigitsCodec.Shape
        fileprivate var parts: [Part]

        /// The texts for some times. O(times).
        func texts(_ times: [Int64]) -> StringColumn {
            let length = shape.pattern.count
            var arena: [UInt8] = []
            arena.reserveCapacity(times.count * length)
            for time in times {
                let moment = Moment(time)
                let start = arena.count
                arena.append(contentsOf: shape.pattern)
                for (run, places) in shape.runs.enumerated() {
                    var number = ClockCodec.number(parts[run], of: moment, digits: places.count)
                    for place in places.reversed() {
                        arena[start + place] = UInt8(ascii: "0") + UInt8(number % 10)
                        number /= 10
                    }
                }
            }
            return StringColumn(arena: arena, offsets: (0...times.count).map { UInt32($0 * length) })
        }
    }

    private static func number(_ part: Part, of moment: Moment, digits: Int) -> Int64 {
        switch part {
        case .year: max(0, moment.year) % 10_000
        case .yearOfCentury: max(0, moment.year) % 100
        case .month: moment.month
        case .day: moment.day
        case .hour: moment.second / 3_600
        case .minute: moment.second / 60 % 60
        case .second: moment.second % 60
        case .fraction: moment.nanosecond / powersOfTen[9 - digits]
        }
    }

    /// Whether a value may be of this kind, by itself. O(1).
    static func isLikely(_ value: RawSpan, at time: Int64) -> Bool {
        guard let shape = DigitsCodec.Shape(of: value), let numbers = DigitsCodec.numbers(value, shape) else {
            return false
        }
        let moment = Moment(time)
        return shape.runs.indices.allSatisfy { run in
            Part.allCases.contains {
                $0.isFitting(shape.runs[run].count)
                    && number($0, of: moment, digits: shape.runs[run].count) == numbers[run]
            }
        }
    }

    /// Writes encoding and body; false, with nothing written, where a value is not what its row's time says. O(rows).
    static func encode(
        _ slices: [RecordBatch.Slice], _ arena: RawSpan, _ times: [Int64], to writer: inout ByteWriter
    ) -> Bool {
        let first = arena.slice(Int(slices[0].offset), Int(slices[0].length))
        guard isLikely(first, at: times[0]), slices.allSatisfy({ $0.length == slices[0].length }),
            let shape = DigitsCodec.Shape(of: first), let numbers = DigitsCodec.read(slices, arena, shape)
        else { return false }
        let moments = times.map(Moment.init)
        var parts: [Part] = []
        for (run, places) in shape.runs.enumerated() {
            let part = Part.allCases.first { part in
                part.isFitting(places.count)
                    && moments.indices.allSatisfy { row in
                        number(part, of: moments[row], digits: places.count) == numbers[row * shape.runs.count + run]
                    }
            }
            guard let part else { return false }
            parts.append(part)
        }
        writer.write(ColumnEncoding.clock.rawValue)
        writer.writeCounted(shape.pattern)
        for part in parts { writer.write(part.rawValue) }
        return true
    }

    /// Nil, the reader unmoved, for a payload of another encoding.
    static func readLayout(_ reader: inout ByteReader) throws(CorruptionError) -> Layout? {
        var peek = reader
        guard try peek.readUInt8() == ColumnEncoding.clock.rawValue else { return nil }
        let start = peek.offset
        let pattern = try peek.readCounted()
        guard pattern.count <= DigitsCodec.longest, let shape = DigitsCodec.Shape(pattern: pattern) else {
            throw CorruptionError("pattern of a time", offset: start)
        }
        var parts: [Part] = []
        for places in shape.runs {
            guard let part = Part(rawValue: try peek.readUInt8()), part.isFitting(places.count) else {
                throw CorruptionError("part of a time", offset: start)
            }
            parts.append(part)
        }
        reader = peek
        return Layout(shape: shape, parts: parts)
    }
}

/// The times of a block's rows, and its other columns, for columns that tell them again: read when the first such
/// column is met.
struct RowTimes {
    /// Of all rows.
    let all: () throws(CorruptionError) -> [Int64]
    /// Of some rows, ascending.
    let some: (_ rows: [Int]) throws(CorruptionError) -> [Int64]
    /// A column by its position.
    let column: (_ position: Int) throws(CorruptionError) -> ColumnVector
    /// Some rows of it, ascending.
    let texts: (_ position: Int, _ rows: [Int]) throws(CorruptionError) -> StringColumn
}
