#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// The series' own distribution of standardised residuals, decayed, and the tail probability of a new one.
///
/// Bins are spaced in ln(1 + |v|): fine in the body, relative in the tails. Behind the outer `tailShare` the tail is
/// extrapolated by an exponential in the log scale, a Pareto tail (Hill, 1975), which no data set bounds. A prior worth `priorWeight`
/// observations of nearly normal noise stands in while little is known.
public struct ResidualHistogram: Sendable {
    private static let half = 30
    private static let width: Float = 0.12
    private static let priorWeight: Float = 60

    private var counts = InlineArray<60, Float>(repeating: 0)
    private var total: Float = 0
    private var memory: Float

    public init(memory: Double) { self.memory = Float(max(memory, 64)) }

    public var evidence: Float { total }

    /// 0…59; 30 and above for v ≥ 0.
    private static func position(_ value: Float) -> Float {
        let scaled = min(log(1 + abs(value)) / width, Float(half) - 0.001)
        return value < 0 ? Float(half) - scaled : Float(half) + scaled
    }

    /// P(V ≥ v) and P(V ≤ v), half of an equal value's share counted on either side. O(bins).
    public func tails(_ value: Float) -> (upper: Double, lower: Double) {
        let upper = upperTail(abs(value), mirrored: value < 0)
        return value < 0 ? (max(1 - upper, 1e-9), upper) : (upper, max(1 - upper, 1e-9))
    }

    /// The prior: normal with a tenth part of three times the scale.
    private static func prior(_ value: Float) -> Float {
        0.5 * (0.93 * erfc(value * 0.707_106_77) + 0.07 * erfc(value * 0.707_106_77 / 2.5))
    }

    /// The tail at or beyond a magnitude, on the negative side if mirrored.
    private func upperTail(_ magnitude: Float, mirrored: Bool) -> Double {
        let place = log(1 + magnitude) / Self.width
        let bin = min(Int(place), Self.half - 1)
        let share = min(place - Float(bin), 1)
        var beyond: Float = 0
        var index = Self.half - 1
        while index > bin {
            beyond += count(index, mirrored: mirrored)
            index -= 1
        }
        let upTo = beyond + count(bin, mirrored: mirrored) * (1 - share)
        let whole = total + Self.priorWeight
        let prior = Self.prior(magnitude) * Self.priorWeight
        let empirical = (upTo + prior) / whole
        guard empirical < 0.03 else { return Double(empirical) }
        return Double(extrapolated(place, mirrored: mirrored, whole: whole, empirical: empirical))
    }

    @inline(__always)
    private func count(_ bin: Int, mirrored: Bool) -> Float { counts[mirrored ? Self.half - 1 - bin : Self.half + bin] }

    /// Exponential decay in the log scale from the bin behind which about two percent lie.
    private func extrapolated(_ place: Float, mirrored: Bool, whole: Float, empirical: Float) -> Float {
        var beyond: Float = 0
        var excess: Float = 0
        var bin = Self.half - 1
        // Sum of distances beyond the lower edge of `bin`, kept while the edge moves down.
        while bin >= 0 {
            let here = count(bin, mirrored: mirrored)
            excess += beyond + here * 0.5
            beyond += here
            let edge = exp(Float(bin) * Self.width) - 1
            let share = (beyond + Self.prior(edge) * Self.priorWeight) / whole
            if share >= 0.02 { return decayed(place, edge: Float(bin), share: share, excess: excess, beyond: beyond) }
            bin -= 1
        }
        return empirical
    }

    /// The mean excess starts from a normal tail's, 0.17 beyond two scales, worth ten exceedances.
    private func decayed(_ place: Float, edge: Float, share: Float, excess: Float, beyond: Float) -> Float {
        let priorExcess: Float = 0.17 / Self.width
        let mean = (excess + 10 * priorExcess) / (beyond + 10)
        return max(share * exp(-(place - edge) / mean), 1e-15)
    }

    /// Takes a value in, split between the two nearest bins' centres by its share. O(1), O(bins) when it forgets.
    public mutating func learn(_ value: Float, weight: Float = 1) {
        let bin = Int(Self.position(value))
        counts[min(max(bin, 0), 59)] += weight
        total += weight
        guard total > memory * 1.05 else { return }
        for index in counts.indices { counts[index] *= 0.952_381 }
        total *= 0.952_381
    }

    public func save(to writer: inout StateWriter) {
        counts.save(to: &writer)
        writer.write(total)
        writer.write(memory)
    }

    public init(from reader: inout StateReader) throws(StateError) {
        self.init(memory: 64)
        try counts.restore(from: &reader)
        total = try reader.readFloat()
        memory = try reader.readFloat()
    }
}
