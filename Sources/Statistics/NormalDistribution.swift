#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// The standard normal distribution.
public enum NormalDistribution {
    /// P(Z ≥ z), accurate in the far tail. O(1).
    public static func upperTail(_ z: Double) -> Double { 0.5 * erfc(z * 0.707_106_781_186_547_5) }

    /// P(Z ≤ z). O(1).
    public static func cumulative(_ z: Double) -> Double { 0.5 * erfc(-z * 0.707_106_781_186_547_5) }

    /// The z with P(Z ≥ z) = `probability`, which is clamped to 1e-300…1 − 1e-16. Acklam's rational approximation
    /// (2003), relative error below 1.2e-9. O(1).
    public static func upperQuantile(_ probability: Double) -> Double {
        let tail = probability.clamped(to: 1e-300...(1 - 1e-16))
        if tail < 0.02425 { return -farQuantile((-2 * log(tail)).squareRoot()) }
        if tail > 1 - 0.02425 { return farQuantile((-2 * log(1 - tail)).squareRoot()) }
        let q = 0.5 - tail
        let r = q * q
        let numerator =
            ((((-39.696_830_286_653_76 * r + 220.946_098_424_520_5) * r - 275.928_510_446_968_7) * r
                + 138.357_751_867_269) * r - 30.664_798_066_147_16) * r + 2.506_628_277_459_239
        let denominator =
            ((((-54.476_098_798_224_06 * r + 161.585_836_858_040_9) * r - 155.698_979_859_886_6) * r
                + 66.801_311_887_719_72) * r - 13.280_681_552_885_72) * r + 1
        return numerator * q / denominator
    }

    /// The quantile in a tail, by q = √(−2 ln p); negative.
    private static func farQuantile(_ q: Double) -> Double {
        let numerator =
            ((((-0.007_784_894_002_430_293 * q - 0.322_396_458_041_136_5) * q - 2.400_758_277_161_838) * q
                - 2.549_732_539_343_734) * q + 4.374_664_141_464_968) * q + 2.938_163_982_698_783
        let denominator =
            (((0.007_784_695_709_041_462 * q + 0.322_467_129_070_039_8) * q + 2.445_134_137_142_996) * q
                + 3.754_408_661_907_416) * q + 1
        return numerator / denominator
    }
}
