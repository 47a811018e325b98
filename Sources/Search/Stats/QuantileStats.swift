import Bytes
import QueryLanguage
import Records

/// `quantile(phi, f…)`, `median(f…)`. Numbers are kept as numbers (exactly, until a group has many: then in buckets
/// 1/512 of their size wide), other texts as texts; empty values do not count.
final class QuantileStats: StatsAccumulator {
    private struct State {
        var numbers: [Double] = []
        var buckets: LogBuckets?
        var texts: [ByteString] = []

        mutating func add(_ number: Double) {
            if buckets != nil {
                buckets?.add(number)
                return
            }
            numbers.append(number)
            guard numbers.count > QuantileStats.exactValues else { return }
            var buckets = LogBuckets()
            for number in numbers { buckets.add(number) }
            self.buckets = buckets
            numbers = []
        }
    }

    /// Values of a group that are kept one by one.
    static let exactValues = 65_536

    private let phi: Double
    private let fields: [FieldPattern]
    private var states: [State] = []
    private var textBytes = 0

    init(_ phi: Double, fields: [FieldPattern]) {
        self.phi = phi
        self.fields = fields
    }

    var memoryBytes: Int {
        states.reduce(textBytes) { $0 + 64 + $1.numbers.count * 8 + ($1.buckets?.memoryBytes ?? 0) }
    }

    func grow(to groups: Int) {
        if groups > states.count { states.append(contentsOf: repeatElement(State(), count: groups - states.count)) }
    }

    func add(_ chunk: Chunk, rows: Bitmap, groups: GroupNumbers) throws {
        for name in StatsFields.names(fields, in: chunk) {
            let column = try chunk.column(name)
            if case .integers(let numbers) = column {
                groups.forEach(rows) { row, group in states[group].add(Double(numbers[row])) }
                continue
            }
            column.forEach(rows) { row, value in add(value, to: groups.group(row)) }
        }
    }

    private func add(_ value: RawSpan, to group: Int) {
        guard value.byteCount > 0 else { return }
        if let number = NumberParser.plain(value) { return states[group].add(number) }
        states[group].texts.append(ByteString(value))
        textBytes += value.byteCount + 32
    }

    func merge(_ other: any StatsAccumulator, map: [Int]) {
        guard let other = other as? QuantileStats else { return }
        for (group, state) in other.states.enumerated() {
            for number in state.numbers { states[map[group]].add(number) }
            states[map[group]].texts += state.texts
            guard let buckets = state.buckets else { continue }
            var mine = states[map[group]].buckets ?? LogBuckets()
            for number in states[map[group]].numbers { mine.add(number) }
            states[map[group]].numbers = []
            mine.merge(buckets)
            states[map[group]].buckets = mine
        }
        textBytes += other.textBytes
    }

    func appendResult(of group: Int, to output: inout [UInt8]) {
        let state = states[group]
        if let buckets = state.buckets, state.texts.isEmpty {
            return NumberText.append(buckets.quantile(phi), to: &output)
        }
        if state.texts.isEmpty {
            guard !state.numbers.isEmpty else { return }
            var numbers = state.numbers
            return NumberText.append(Self.select(Self.place(phi, of: numbers.count), in: &numbers), to: &output)
        }
        var values = state.texts
        for number in state.numbers { values.append(NumberText.text(number)) }
        values.sort { NaturalOrder.compare($0.bytes.rawSpan, $1.bytes.rawSpan) < 0 }
        output.append(contentsOf: values[Self.place(phi, of: values.count)].bytes)
    }

    /// The number that would stand at `place` if they were sorted (Hoare 1961). O(count) on average.
    private static func select(_ place: Int, in numbers: inout [Double]) -> Double {
        var low = 0
        var high = numbers.count - 1
        while low < high {
            let pivot = numbers[(low + high) / 2]
            var left = low
            var right = high
            while left <= right {
                while numbers[left] < pivot { left += 1 }
                while numbers[right] > pivot { right -= 1 }
                if left <= right {
                    numbers.swapAt(left, right)
                    left += 1
                    right -= 1
                }
            }
            if place <= right { high = right } else if place >= left { low = left } else { break }
        }
        return numbers[place]
    }

    /// Which of `count` sorted values the quantile is.
    static func place(_ phi: Double, of count: Int) -> Int {
        min(max(Int(Swift.min(Swift.max(phi, 0), 1) * Double(count)), 0), count - 1)
    }
}

/// Counts of numbers in buckets whose width is 1/512 of the power of two below them: the quantile of a million
/// numbers in a few KiB, wrong by a tenth of a percent at most (the HDR histogram's layout, G. Tene 2012).
struct LogBuckets {
    /// Counts of the buckets from `first` on.
    private var counts: [UInt32] = []
    private var first: Int32 = 0
    private(set) var total = 0

    var memoryBytes: Int { counts.count * 4 }

    private static func bucket(_ number: Double) -> Int32 {
        if number == 0 { return 0 }
        let bits = abs(number).bitPattern
        // Exponent and the nine highest bits of the fraction; never 0 for normal numbers.
        let bucket = Int32(truncatingIfNeeded: bits >> 43) | 1 << 21
        return number < 0 ? -bucket : bucket
    }

    /// The middle of a bucket.
    private static func number(_ bucket: Int32) -> Double {
        if bucket == 0 { return 0 }
        let bits = UInt64(bucket.magnitude & ~(1 << 21)) << 43
        let low = Double(bitPattern: bits)
        let high = Double(bitPattern: bits + 1 << 43)
        // Whole numbers below 1,024 have a bucket of their own.
        let isWhole = low >= 1 && low < 1_024 && high - low <= 1
        let middle = isWhole ? low : (low + high) / 2
        return bucket < 0 ? -middle : middle
    }

    mutating func add(_ number: Double) { add(Self.bucket(number), 1) }

    private mutating func add(_ bucket: Int32, _ count: UInt32) {
        var place = Int(bucket) - Int(first)
        if place < 0 || place >= counts.count {
            makeRoom(for: bucket)
            place = Int(bucket) - Int(first)
        }
        counts[place] &+= count
        total += Int(count)
    }

    /// Some octaves more than asked for, so that room is made a few times only. Positive and negative numbers are far
    /// apart: the gap costs 8 MiB where both occur.
    private mutating func makeRoom(for bucket: Int32) {
        let spare: Int32 = 2_048
        if counts.isEmpty {
            first = bucket - spare
            counts = [UInt32](repeating: 0, count: Int(2 * spare))
        } else if bucket < first {
            counts.insert(contentsOf: repeatElement(0, count: Int(first - bucket + spare)), at: 0)
            first = bucket - spare
        } else {
            counts += repeatElement(0, count: Int(bucket - first) - counts.count + Int(spare))
        }
    }

    mutating func merge(_ other: LogBuckets) {
        for (place, count) in other.counts.enumerated() where count > 0 { add(other.first + Int32(place), count) }
    }

    func quantile(_ phi: Double) -> Double {
        var left = QuantileStats.place(phi, of: total)
        for (place, count) in counts.enumerated() {
            left -= Int(count)
            if left < 0 { return Self.number(first + Int32(place)) }
        }
        return .nan
    }
}
