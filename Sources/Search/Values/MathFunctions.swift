#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// The C library's functions on doubles, in one place.
enum MathFunctions {
    static func ln(_ value: Double) -> Double { log(value) }
    static func exponential(_ value: Double) -> Double { exp(value) }
    static func power(_ base: Double, _ exponent: Double) -> Double { pow(base, exponent) }
    static func remainder(_ left: Double, _ right: Double) -> Double { fmod(left, right) }
}
