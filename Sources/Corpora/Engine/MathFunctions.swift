// A corpus must come out byte for byte the same on every machine. The C library's exp and log may differ in the last
// bit between versions; these use only operations that IEEE 754 fixes.

/// eˣ for |x| ≤ 700: x = k ln 2 + r, then the series for r, |r| ≤ 0.35. Error below 1e-15 relative.
func exponential(_ x: Double) -> Double {
    let k = (x / 0.693_147_180_559_945_3).rounded()
    let rest = x - k * 0.693_147_180_559_945_3
    var term = 1.0
    var sum = 1.0
    for n in 1...16 {
        term *= rest / Double(n)
        sum += term
    }
    return Double(sign: .plus, exponent: Int(k), significand: sum)
}

/// ln x for x > 0: x = m 2ᵏ with m in √½ … √2, then 2 artanh((m − 1) / (m + 1)). Error below 1e-15 absolute near 0.
func logarithm(_ x: Double) -> Double {
    var exponent = Double(x.exponent)
    var mantissa = x.significand
    if mantissa > 1.414_213_562_373_095 {
        mantissa /= 2
        exponent += 1
    }
    let ratio = (mantissa - 1) / (mantissa + 1)
    let square = ratio * ratio
    var power = ratio
    var sum = 0.0
    for n in 0..<12 {
        sum += power / Double(2 * n + 1)
        power *= square
    }
    return exponent * 0.693_147_180_559_945_3 + 2 * sum
}

/// `count` + 1 points of the normal distribution's inverse at (i + ½) / (count + 1), by walking its density once.
func normalQuantiles(count: Int) -> [Double] {
    let step = 0.000_25
    var quantiles: [Double] = []
    quantiles.reserveCapacity(count + 1)
    var z = -5.0
    var area = 0.0
    for index in 0...count {
        let wanted = (Double(index) + 0.5) / Double(count + 1)
        while area < wanted && z < 5 {
            let middle = z + step / 2
            area += exponential(-middle * middle / 2) * step / 2.506_628_274_631_000_5
            z += step
        }
        quantiles.append(z)
    }
    return quantiles
}
