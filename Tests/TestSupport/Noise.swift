import Statistics

/// Repeatable noise of several shapes: a test prints the seed, and the seed gives the same run.
public struct Noise: RandomNumberGenerator, Sendable {
    private var random: SplitMix

    public init(seed: UInt64) { random = SplitMix(seed: seed) }

    public mutating func next() -> UInt64 { random.next() }

    /// In 0..<1.
    public mutating func uniform() -> Double { Double(next() >> 11) / 9_007_199_254_740_992 }

    public mutating func normal() -> Double { NormalDistribution.upperQuantile(1 - uniform()) }

    /// Student's t with three degrees of freedom.
    public mutating func student3() -> Double {
        let a = normal()
        let b = normal()
        let c = normal()
        return normal() / ((a * a + b * b + c * c) / 3).squareRoot()
    }
}
