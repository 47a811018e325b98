import Bytes

/// Counts of numbers in buckets whose width is 1/512 of the power of two below them: the quantile of a million
/// numbers in a few KiB, wrong by a tenth of a percent at most (the HDR histogram's layout, G. Tene 2012). Whole
/// numbers below 1,024 have a bucket of their own.
struct LogBuckets {
    /// Counts of neighbouring buckets.
    private struct Run {
        private(set) var counts: [UInt32] = []
        private(set) var first = 0
        private var wasPlaces = 0..<0

        mutating func add(_ bucket: Int, _ count: UInt32) {
            if bucket < first || bucket >= first + counts.count { makeRoom(for: bucket) }
            counts[bucket - first] &+= count
        }

        /// Counts those that have a place already, and answers how many.
        mutating func count(_ numbers: ArraySlice<Double>) -> Int {
            let places = counts.count
            wasPlaces = first..<first + places
            return ColumnScans.countBuckets(numbers, shift: LogBuckets.shift, first: first, into: &counts)
        }

        /// Whether the last `count` had a place for a bucket.
        func counted(_ bucket: Int) -> Bool { wasPlaces.contains(bucket) }

        /// Room for all of the first numbers, so that they can be counted at once.
        mutating func makeRoom(for numbers: ArraySlice<Double>) {
            var least = Double.infinity
            var most = 0.0
            for number in numbers where number > 0 {
                least = min(least, number)
                most = max(most, number)
            }
            guard least <= most else { return }
            makeRoom(for: LogBuckets.bucket(least))
            if LogBuckets.bucket(most) >= first + counts.count { makeRoom(for: LogBuckets.bucket(most)) }
        }

        /// Some octaves more than asked for, so that room is made a few times only.
        private mutating func makeRoom(for bucket: Int) {
            let spare = 2_048
            if counts.isEmpty {
                first = max(0, bucket - spare)
                counts = [UInt32](repeating: 0, count: 2 * spare)
            } else if bucket < first {
                let start = max(0, bucket - spare)
                counts.insert(contentsOf: repeatElement(0, count: first - start), at: 0)
                first = start
            } else {
                counts += repeatElement(0, count: bucket - first - counts.count + spare)
            }
        }
    }

    /// By size of the number, those below zero apart, so that no space lies between them.
    private var positive = Run()
    private var negative = Run()
    private var zeros = 0
    private(set) var total = 0

    var memoryBytes: Int { (positive.counts.count + negative.counts.count) * 4 }

    /// Bits of a number's pattern below those that tell buckets apart.
    static let shift = 43

    /// Exponent and the nine highest bits of the fraction. `size` is above zero.
    private static func bucket(_ size: Double) -> Int { Int(truncatingIfNeeded: size.bitPattern >> UInt64(shift)) }

    /// The middle of a bucket.
    private static func size(_ bucket: Int) -> Double {
        let bits = UInt64(bucket) << UInt64(shift)
        let low = Double(bitPattern: bits)
        let high = Double(bitPattern: bits + (1 << UInt64(shift)))
        let isWhole = low >= 1 && low < 1_024 && high - low <= 1
        return isWhole ? low : (low + high) / 2
    }

    mutating func add(_ number: Double) {
        total += 1
        if number > 0 {
            positive.add(Self.bucket(number), 1)
        } else if number < 0 {
            negative.add(Self.bucket(-number), 1)
        } else {
            zeros += 1
        }
    }

    /// Many numbers at once. O(count).
    mutating func add(_ numbers: ArraySlice<Double>) {
        if positive.counts.isEmpty { positive.makeRoom(for: numbers) }
        let counted = positive.count(numbers)
        total += counted
        guard counted < numbers.count else { return }
        // Those that had no place yet, and those that are not above zero, one by one.
        for number in numbers where !(number > 0) || !positive.counted(Self.bucket(number)) { add(number) }
    }

    mutating func merge(_ other: LogBuckets) {
        for (place, count) in other.positive.counts.enumerated() where count > 0 {
            positive.add(other.positive.first + place, count)
        }
        for (place, count) in other.negative.counts.enumerated() where count > 0 {
            negative.add(other.negative.first + place, count)
        }
        zeros += other.zeros
        total += other.total
    }

    /// The same for counts of neighbouring buckets of numbers above zero.
    mutating func merge(_ counts: ArraySlice<UInt32>, first: Int) {
        for (place, count) in counts.enumerated() where count > 0 {
            positive.add(first + place, count)
            total += Int(count)
        }
    }

    /// The bucket of the median, if that is above zero.
    var middle: Int? {
        let median = quantile(0.5)
        return median > 0 ? Self.bucket(median) : nil
    }

    /// Calls `body` with the middle of each bucket and its count, the smallest first. O(buckets).
    func visit(_ body: (_ number: Double, _ count: Int) -> Void) {
        for (place, count) in negative.counts.enumerated().reversed() where count > 0 {
            body(-Self.size(negative.first + place), Int(count))
        }
        if zeros > 0 { body(0, zeros) }
        for (place, count) in positive.counts.enumerated() where count > 0 {
            body(Self.size(positive.first + place), Int(count))
        }
    }

    /// The number at that part of the way from the smallest to the largest; NaN without numbers. O(buckets).
    func quantile(_ phi: Double) -> Double {
        guard total > 0 else { return .nan }
        var left = QuantileStats.place(phi, of: total)
        for (place, count) in negative.counts.enumerated().reversed() {
            left -= Int(count)
            if left < 0 { return -Self.size(negative.first + place) }
        }
        left -= zeros
        if left < 0 { return 0 }
        for (place, count) in positive.counts.enumerated() {
            left -= Int(count)
            if left < 0 { return Self.size(positive.first + place) }
        }
        return .nan
    }
}
