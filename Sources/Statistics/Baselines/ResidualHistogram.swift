#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// The series' own distribution of standardised residuals, decayed, and the tail probability of a new one.
///
/// Bins are spaced in ln(1 + |v|): fine in the body, relative in the tails. The outer two and a half per cent on each
/// side are a generalised Pareto tail, which goes on where no observation was. A prior worth `priorWeight` observations
/// of nearly normal noise stands in while little is known.
///
/// Counts are whole numbers of a fraction of an observation in 16 bits; where they decay, what is lost to rounding is
/// made up for by rounding up so much more often. 136 bytes.
public struct ResidualHistogram: Sendable {
    private static let half = 30
    private static let width: Float = 0.12
    private static let priorWeight: Float = 60
    private static let kept: Float = 0.952_381

    /// Bins of v < 0 from the outermost in, then those of v ≥ 0 from the innermost out.
    private var counts = InlineArray<60, UInt16>(repeating: 0)
    /// The sum of all counts, below 65,536, and of those of v ≥ 0.
    private var total: UInt16 = 0
    private var upper: UInt16 = 0
    /// Observations before old ones are forgotten.
    private var memory: UInt16
    /// What one observation counts: as much as keeps a single bin below 65,536.
    private let unit: UInt8
    /// How often counts have decayed: where the next rounding begins.
    private var decays: UInt8 = 0

    /// `memory`: 64…40,000.
    public init(memory: Double) {
        self.memory = UInt16(memory.clamped(to: 64...40_000))
        unit = Self.unit(memory: self.memory)
    }

    private static func unit(memory: UInt16) -> UInt8 { UInt8((61_000 / (1.06 * Double(memory))).clamped(to: 1...32)) }

    /// Observations that count, decayed ones in part.
    public var evidence: Float { Float(total) / Float(unit) }

    /// Where a value lies: worked out once for asking and for learning.
    public struct Place: Sendable {
        /// How far out, in bins from the middle; at most 1,000.
        fileprivate var distance: Float
        fileprivate var isMirrored: Bool
        fileprivate var isNumber: Bool

        /// A not-a-number lies in the middle.
        public init(_ value: Float) {
            isNumber = !value.isNaN
            isMirrored = value < 0
            distance = isNumber ? min(log(1 + abs(value)) / ResidualHistogram.width, 1_000) : 0
        }
    }

    /// P(V ≥ v) and P(V ≤ v), half of an equal value's share counted on either side. O(bins).
    public func tails(_ value: Float) -> (upper: Double, lower: Double) {
        var copy = self
        return copy.tails(at: Place(value))
    }

    /// The same for a value whose place is known. Changes nothing; `mutating`, as what it calls, so that no copy is
    /// made to ask.
    public mutating func tails(at place: Place) -> (upper: Double, lower: Double) {
        guard place.isNumber else { return (0.5, 0.5) }
        let upper = upperTail(place.distance, mirrored: place.isMirrored)
        return place.isMirrored ? (max(1 - upper, 1e-9), upper) : (upper, max(1 - upper, 1e-9))
    }

    /// The prior: normal with a tenth part of three times the scale.
    private static func exactPrior(_ value: Float) -> Float {
        0.5 * (0.93 * erfc(value * 0.707_106_77) + 0.07 * erfc(value * 0.707_106_77 / 2.5))
    }

    private static let steps = 8
    /// The prior's tail by eighths of bins.
    private static let priors: InlineArray<242, Float> = {
        var priors = InlineArray<242, Float>(repeating: 0)
        for index in priors.indices { priors[index] = exactPrior(exp(Float(index) / Float(steps) * width) - 1) }
        return priors
    }()

    /// The prior's tail from a place outwards.
    @inline(__always)
    private static func prior(at place: Float) -> Float {
        let position = min(place, Float(half)) * Float(steps)
        let index = Int(position)
        let from = priors[index]
        return from + (priors[index + 1] - from) * (position - Float(index))
    }

    /// The tail at or beyond a place, on the negative side if mirrored.
    private mutating func upperTail(_ place: Float, mirrored: Bool) -> Double {
        let bin = min(Int(place), Self.half - 1)
        let share = min(place - Float(bin), 1)
        let beyond = Float(sum(beyond: bin, mirrored: mirrored))
        let here = Float(count(bin, mirrored: mirrored))
        let prior = Self.priorWeight * Float(unit)
        let whole = Float(total) + prior
        let empirical = (beyond + here * (1 - share) + Self.prior(at: place) * prior) / whole
        guard empirical < 0.03 else { return Double(empirical) }
        // What has been seen as far out before is no rarer than that.
        let seen = 0.5 * (beyond + here) / whole
        return Double(max(seen, extrapolated(place, mirrored: mirrored, whole: whole, empirical: empirical)))
    }

    @inline(__always)
    private mutating func count(_ bin: Int, mirrored: Bool) -> UInt16 {
        counts[mirrored ? Self.half - 1 - bin : Self.half + bin]
    }

    /// The counts farther out than a bin: those of the side without the few that lie nearer.
    @inline(__always)
    private mutating func sum(beyond bin: Int, mirrored: Bool) -> UInt16 {
        var nearer: UInt16 = 0
        if mirrored {
            for index in (Self.half - 1 - bin)..<Self.half { nearer &+= counts[index] }
            return total - upper - nearer
        }
        for index in Self.half...(Self.half + bin) { nearer &+= counts[index] }
        return upper - nearer
    }

    /// A generalised Pareto tail behind the bin beyond which about two and a half per cent lie, fitted by
    /// probability-weighted moments (Hosking and Wallis, 1987) that start from ten made-up exceedances of shape
    /// 0.25.
    private mutating func extrapolated(_ place: Float, mirrored: Bool, whole: Float, empirical: Float) -> Float {
        let one = Float(unit)
        var bin = Self.half
        var sum: UInt32 = 0
        var reached: Float = 0
        while bin > 0 && reached < 0.025 * whole {
            bin -= 1
            sum += UInt32(count(bin, mirrored: mirrored))
            reached = Float(sum) + Self.priors[Self.steps * bin] * (Self.priorWeight * one)
        }
        let beyond = Float(sum)
        let share = reached / whole
        let edge = Self.edges[bin]
        let magnitude = exp(min(place, Float(Self.half)) * Self.width) - 1
        guard magnitude > edge else { return empirical }
        // Means of x and of x·P(X > x) over the exceedances.
        var first: Float = 10 * 0.4533 * one
        var second: Float = 10 * 0.0971 * one
        var above: Float = 0
        var index = Self.half - 1
        let each = 1 / max(beyond, 1)
        while index >= bin && above < beyond {
            let here = Float(count(index, mirrored: mirrored))
            let excess = here * (0.5 * (Self.edges[index] + Self.edges[index + 1]) - edge)
            first += excess
            second += excess * (above + 0.5 * here) * each
            above += here
            index -= 1
        }
        let mean = first / (beyond + 10 * one)
        let weighted = second / (beyond + 10 * one)
        let shape = (2 - mean / max(mean - 2 * weighted, 0.05 * mean)).clamped(to: 0.02...0.6)
        let scale = mean * (1 - shape)
        let reach = (magnitude - edge) / scale
        let tail = exp(-log(1 + shape * reach) / shape)
        return max(share * tail, 1e-25)
    }

    /// Lower edges of the bins, in standard deviations, and the last one's upper edge.
    private static let edges: InlineArray<31, Float> = {
        var edges = InlineArray<31, Float>(repeating: 0)
        for index in 0...half { edges[index] = exp(Float(index) * width) - 1 }
        return edges
    }()

    /// Takes a value in. O(1), O(bins) when it forgets.
    public mutating func learn(_ value: Float) { learn(at: Place(value)) }

    /// The same for a value whose place is known.
    public mutating func learn(at place: Place) {
        let bin = min(Int(place.distance), Self.half - 1)
        counts[place.isMirrored ? Self.half - 1 - bin : Self.half + bin] += UInt16(unit)
        total += UInt16(unit)
        if !place.isMirrored { upper += UInt16(unit) }
        if Float(total) > Float(memory) * Float(unit) * 1.05 { decay(to: Self.kept) }
    }

    /// Makes all so far count for a share of what it did. O(bins).
    public mutating func forget(keeping share: Float) { decay(to: share) }

    private mutating func decay(to share: Float) {
        decays &+= 1
        for index in counts.indices {
            // The golden ratio spreads roundings evenly over the bins and over the times.
            let step = Float(decays) * 0.618_034 + Float(index) * 0.754_878
            let rounding = step - step.rounded(.down)
            counts[index] = UInt16(Float(counts[index]) * share + rounding * 0.999)
        }
        _ = addUp()
    }

    public func save(to writer: inout StateWriter) {
        for pair in 0..<30 { writer.write(UInt32(counts[2 * pair]) | UInt32(counts[2 * pair + 1]) << 16) }
        writer.write(UInt32(memory) | UInt32(decays) << 16)
    }

    public init(from reader: inout StateReader) throws(StateError) {
        var read = InlineArray<60, UInt16>(repeating: 0)
        for pair in 0..<30 {
            let word = try reader.readUInt32()
            read[2 * pair] = UInt16(truncatingIfNeeded: word)
            read[2 * pair + 1] = UInt16(truncatingIfNeeded: word >> 16)
        }
        let word = try reader.readUInt32()
        self.init(memory: Double(UInt16(truncatingIfNeeded: word)))
        try take(read, at: reader.position)
        decays = UInt8(truncatingIfNeeded: word >> 16)
    }

    /// Reads a histogram of numbers of 32 bits, as states were saved before version 3.
    public init(wide reader: inout StateReader) throws(StateError) {
        var wide = InlineArray<60, Float>(repeating: 0)
        try wide.restore(from: &reader)
        _ = try reader.readFloat()
        self.init(memory: Double(try reader.readFloat()))
        var read = InlineArray<60, UInt16>(repeating: 0)
        for index in wide.indices {
            read[index] = UInt16((wide[index] * Float(unit)).rounded().clamped(to: 0...65_535))
        }
        try take(read, at: reader.position)
    }

    /// Refuses counts that no stream of values leads to, which would overflow.
    private mutating func take(_ read: InlineArray<60, UInt16>, at word: Int) throws(StateError) {
        counts = read
        let sum = addUp()
        guard Float(sum) <= Float(memory) * Float(unit) * 1.06 + 64 else { throw StateError(word: word) }
    }

    /// Sets the sums; answers that of all counts.
    private mutating func addUp() -> Int {
        var sums = (lower: 0, upper: 0)
        for index in 0..<Self.half { sums.lower += Int(counts[index]) }
        for index in Self.half..<2 * Self.half { sums.upper += Int(counts[index]) }
        (total, upper) = (UInt16(clamping: sums.lower + sums.upper), UInt16(clamping: sums.upper))
        return sums.lower + sums.upper
    }
}
