/// How unlike anything before the latest course of a series is.
///
/// The last 16 and the last 40 values are compared with every course as long within the last 1,500; the mean of the
/// twenty least squared distances is ranked among all such means so far. What comes back is the mean of the two
/// rarities, −ln of the share of moments that were at least as strange, and 2 more for a value outside all that was
/// seen. Nothing is assumed of the series: seasons, steps and noise are whatever came before (nearest-neighbour
/// conformal detection; Burnaev and Ishimtsev, 2016).
///
/// The sums of squares move along with each lag, so that an update costs O(lags) whatever the lengths: some 5 µs. The
/// state is some 45 KB: for ranking single series, not for fleets.
public struct ShapeNovelty: Sendable {
    private static let lags = 1_500
    private static let lengths: InlineArray<2, Int> = [16, 40]
    private static let room = 4_096
    private static let neighbours = 20

    /// The newest at `head`, older ones behind it.
    private var values = [Float](repeating: 0, count: ShapeNovelty.room)
    private var head = ShapeNovelty.room
    private var count = 0
    /// By length and lag: the squared distance of the latest course to the one so many values before.
    private var sums = [[Float]](repeating: [Float](repeating: 0, count: ShapeNovelty.lags), count: 2)
    private var ranks = [RarityTable](repeating: RarityTable(), count: 2)
    private var origin = 0.0
    private var unit = 0.0
    private var least = 0.0
    private var greatest = 0.0

    public init() {}

    /// Takes in one value, which must be finite; answers the evidence, 0 for nothing, rarely above 10.
    public mutating func update(_ value: Double) -> Double {
        if count == 0 { (origin, least, greatest) = (value, value, value) }
        let isOutside = value < least || value > greatest
        (least, greatest) = (min(least, value), max(greatest, value))
        // Single precision needs differences of a handy size; the first step gives the unit.
        if unit == 0, value != origin { unit = abs(value - origin) }
        push(unit > 0 ? Float(((value - origin) / unit).clamped(to: -1e12...1e12)) : 0)
        var evidence = isOutside ? 2.0 : 0
        for index in 0..<2 {
            advance(index)
            evidence += ranks[index].add(nearest(index)) / 2
        }
        return evidence
    }

    private mutating func push(_ value: Float) {
        if head == 0 {
            let kept = Self.lags + 64
            for index in 0..<kept { values[Self.room - kept + index] = values[index] }
            head = Self.room - kept
        }
        head -= 1
        values[head] = value
        count += 1
    }

    private mutating func advance(_ index: Int) {
        // Rounding errors of running sums do not live long.
        if count % 256 == 0 { return resum(index) }
        Self.slide(&sums[index], values, at: head, count: count, length: Self.lengths[index])
    }

    /// Takes the newest pair of values into the sum of each lag, and the one that leaves its window out.
    private static func slide(_ sums: inout [Float], _ values: [Float], at head: Int, count: Int, length: Int) {
        let new = values[head]
        let reach = min(count, lags)
        let full = max(0, min(count - length, lags))
        let come = values.span.extracting(head..<head + reach)
        let gone = values.span.extracting(full > 0 ? head + length..<head + length + full : 0..<0)
        let old = full > 0 ? values[head + length] : 0
        var sums = sums.mutableSpan
        precondition(reach <= sums.count && come.count == reach && gone.count == full && full <= reach)
        for lag in 0..<full {
            let entering = new - come[lag]
            let leaving = old - gone[lag]
            sums[lag] += entering * entering - leaving * leaving
        }
        for lag in full..<reach {
            let entering = new - come[lag]
            sums[lag] += entering * entering
        }
    }

    private mutating func resum(_ index: Int) {
        let length = Self.lengths[index]
        for lag in 0..<min(count, Self.lags) {
            var sum: Float = 0
            for step in 0..<min(length, max(count - lag, 0)) {
                let apart = values[head + step] - values[head + step + lag]
                sum += apart * apart
            }
            sums[index][lag] = sum
        }
    }

    /// The mean of the least distances; nil while there are too few.
    private func nearest(_ index: Int) -> Float? {
        let length = Self.lengths[index]
        // A course that overlaps the latest one is no other course.
        let end = min(count - length + 1, Self.lags)
        guard end - length > Self.neighbours else { return nil }
        var best = InlineArray<20, Float>(repeating: .infinity)
        let sums = sums[index]
        for lag in length..<end {
            let sum = sums[lag]
            guard sum < best[19] else { continue }
            var place = 19
            while place > 0, best[place - 1] > sum {
                best[place] = best[place - 1]
                place -= 1
            }
            best[place] = sum
        }
        var total: Float = 0
        for place in best.indices { total += best[place] }
        return max(total, 0) / Float(Self.neighbours)
    }
}
