/// A generator whose numbers depend on the seed alone: SplitMix64 (Steele, Lea and Flood, 2014). Inlined into the row
/// loop, where two thirds of all values are drawn.
struct RandomStream {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    @inline(__always)
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }

    /// 0 ..< 1, 53 bits.
    @inline(__always)
    mutating func unit() -> Double { Double(next() >> 11) * 0x1p-53 }

    /// 0 ..< `bound`, by multiplication: off from uniform by less than `bound` / 2⁶⁴.
    @inline(__always)
    mutating func below(_ bound: Int) -> Int { Int(next().multipliedFullWidth(by: UInt64(bound)).high) }

    /// Whether an event of this probability (see `threshold`) happens.
    @inline(__always)
    mutating func happens(_ threshold: UInt64) -> Bool { threshold == .max || next() < threshold }

    /// A probability as the share of 2⁶⁴ that `happens` compares with.
    static func threshold(_ probability: Double) -> UInt64 {
        probability >= 1 ? .max : UInt64(max(0, probability) * 0x1p64)
    }
}
