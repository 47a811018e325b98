/// Quantiles of positive numbers within a relative error, from logarithmic buckets (DDSketch: Masson, Rim and Lee,
/// 2019).
///
/// Merging is exact: a merged sketch equals the sketch of all values. Zero and negative values share one bucket at 0.
/// At most `bucketLimit` buckets are kept; past it the lowest collapse into one, which spoils low quantiles only.
public struct QuantileSketch: Sendable, Equatable {
    /// |answer − quantile| ≤ relativeError · quantile.
    public let relativeError: Double
    public let bucketLimit: Int
    /// Ascending bucket numbers and their counts.
    private var buckets: [Int32] = []
    private var counts: [Double] = []
    private var zeros = 0.0
    public private(set) var count = 0.0
    private let logGamma: Double

    public init(relativeError: Double = 0.02, bucketLimit: Int = 512) {
        precondition(relativeError > 0 && relativeError < 0.5 && bucketLimit >= 8)
        self.relativeError = relativeError
        self.bucketLimit = bucketLimit
        logGamma = naturalLogarithm((1 + relativeError) / (1 - relativeError))
    }

    /// Adds a value; not-a-number is ignored, infinity counts as the largest number. O(log buckets), O(buckets) for a
    /// new bucket.
    public mutating func add(_ value: Double, weight: Double = 1) {
        guard !value.isNaN, weight > 0 else { return }
        count += weight
        guard value > 1e-12 else {
            zeros += weight
            return
        }
        let bounded = min(value, 1e300)
        add(bucket: Int32((naturalLogarithm(bounded) / logGamma).rounded(.up)), weight: weight)
    }

    private mutating func add(bucket: Int32, weight: Double) {
        var low = 0
        var high = buckets.count
        while low < high {
            let middle = (low + high) / 2
            if buckets[middle] < bucket { low = middle + 1 } else { high = middle }
        }
        if low < buckets.count && buckets[low] == bucket {
            counts[low] += weight
            return
        }
        buckets.insert(bucket, at: low)
        counts.insert(weight, at: low)
        if buckets.count > bucketLimit {
            counts[1] += counts[0]
            buckets.removeFirst()
            counts.removeFirst()
        }
    }

    /// Adds all of another sketch of the same error. O(buckets²) at worst.
    public mutating func merge(_ other: QuantileSketch) {
        precondition(relativeError == other.relativeError, "sketches of different error")
        count += other.count
        zeros += other.zeros
        for index in other.buckets.indices { add(bucket: other.buckets[index], weight: other.counts[index]) }
    }

    /// The value that `share` of all values (0…1) do not exceed; nil while empty. O(buckets).
    public func quantile(_ share: Double) -> Double? {
        guard count > 0 else { return nil }
        let rank = share.clamped(to: 0...1) * count
        var passed = zeros
        if zeros > 0 && rank <= passed { return 0 }
        for index in buckets.indices {
            passed += counts[index]
            if passed >= rank { return middle(of: buckets[index]) }
        }
        return buckets.last.map(middle) ?? 0
    }

    /// The share of values above `threshold`, within one bucket. O(buckets).
    public func share(above threshold: Double) -> Double {
        guard count > 0 else { return 0 }
        var above = 0.0
        for index in buckets.indices where middle(of: buckets[index]) > threshold { above += counts[index] }
        return above / count
    }

    /// Multiplies every count, so that older values weigh less. O(buckets).
    public mutating func forget(keeping share: Double) {
        count *= share
        zeros *= share
        for index in counts.indices { counts[index] *= share }
    }

    private func middle(of bucket: Int32) -> Double {
        2 * exponential(logGamma * Double(bucket)) / (exponential(logGamma) + 1)
    }
}
