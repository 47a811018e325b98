import Statistics

/// Repeatable noise (SplitMix64; Steele, Lea and Flood, 2014): a test prints the seed, and the seed gives the same run.
struct Noise: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// In 0..<1.
    mutating func uniform() -> Double { Double(next() >> 11) / 9_007_199_254_740_992 }

    mutating func normal() -> Double { NormalDistribution.upperQuantile(1 - uniform()) }

    /// Student's t with three degrees of freedom.
    mutating func student3() -> Double {
        let a = normal()
        let b = normal()
        let c = normal()
        return normal() / ((a * a + b * b + c * c) / 3).squareRoot()
    }
}
