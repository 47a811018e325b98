#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

// The C library's functions, reached from one file so that no other names a platform.

@usableFromInline func libraryExp(_ x: Double) -> Double { exp(x) }
@usableFromInline func libraryLog(_ x: Double) -> Double { log(x) }

/// e to the `x`.
@inlinable public func exponential(_ x: Double) -> Double { libraryExp(x) }
/// The natural logarithm; -∞ at 0.
@inlinable public func naturalLogarithm(_ x: Double) -> Double { libraryLog(x) }
/// ln(1 + x), exact near 0.
public func logarithmOfOnePlus(_ x: Double) -> Double { log1p(x) }
/// The area hyperbolic sine, to 1e-16: about x near 0, about sign(x)·ln 2|x| far away.
public func areaSine(_ x: Double) -> Double {
    let magnitude = abs(x)
    // Where the square would overflow it is all that counts; near 0 the logarithm's argument is off by 1e-16.
    let value = magnitude < 1e8 ? log(magnitude + (magnitude * magnitude + 1).squareRoot()) : log(magnitude) + log(2)
    return x < 0 ? -value : value
}
/// The inverse of `areaSine`, to 1e-16 near 0.
public func hyperbolicSine(_ x: Double) -> Double {
    let growth = exp(x)
    return 0.5 * (growth - 1 / growth)
}
/// 2 to the `x`.
public func powerOfTwo(_ x: Double) -> Double { exp2(x) }
/// `x` to the `exponent`.
public func power(_ x: Double, _ exponent: Double) -> Double { pow(x, exponent) }
/// ln Γ(x) by Stirling's series after shifting the argument past 8; error below 1e-9. For x > 0.
public func logarithmOfGamma(_ x: Double) -> Double {
    var shifted = x
    var correction = 0.0
    while shifted < 8 {
        correction -= log(shifted)
        shifted += 1
    }
    let inverse = 1 / (shifted * shifted)
    let series = (1.0 / 12 - inverse * (1.0 / 360 - inverse * (1.0 / 1260 - inverse / 1680))) / shifted
    return correction + (shifted - 0.5) * log(shifted) - shifted + 0.918_938_533_204_672_7 + series
}

extension Comparable {
    /// The nearest value within `range`.
    @inlinable public func clamped(to range: ClosedRange<Self>) -> Self {
        self < range.lowerBound ? range.lowerBound : self > range.upperBound ? range.upperBound : self
    }
}

/// 1 − 2^(−steps / halfLife): the weight of one new observation in a mean that forgets half of the past in `halfLife`.
@inlinable public func forgettingGain(halfLife: Double) -> Double {
    1 - libraryExp(-0.693_147_180_559_945_3 / halfLife)
}
/// The sine.
public func sineOf(_ x: Double) -> Double { sin(x) }
/// The arc sine of the square root of a share: its noise hardly depends on the share (Anscombe, 1948).
public func stabilizedShare(hits: Double, total: Double) -> Double {
    asin(((hits + 0.375) / (total + 0.75)).clamped(to: 0...1).squareRoot())
}

/// The observations that a decayed mean should rest on after `count` of them: all at first, later the last third, at
/// most
/// `memory`. A baseline is wrong on its first day, and what was learnt from it must not stay.
@inlinable public func effectiveCount(_ count: Float, memory: Float) -> Float {
    min(max(min(count, 24), 0.35 * count), memory)
}
