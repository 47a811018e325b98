/// Lognormal factors exp(σ z), one table a σ, sampled at a random place between two of 4,097 quantiles: no logarithm or
/// exponential in the row loop.
struct LognormalTables {
    private static let points = 4_096
    private var factors: [Float] = []
    private var sigmas: [Double] = []
    private let normal = normalQuantiles(count: points)

    /// The number of the table for `sigma`, made if it is new.
    mutating func table(sigma: Double) -> Int {
        if let known = sigmas.firstIndex(of: sigma) { return known }
        sigmas.append(sigma)
        factors.append(contentsOf: normal.map { Float(exponential(sigma * $0)) })
        return sigmas.count - 1
    }

    /// A factor of median 1. O(1).
    @inline(__always)
    func sample(_ table: Int, _ random: inout RandomStream) -> Double {
        let bits = random.next()
        let index = table &* (Self.points + 1) &+ Int(bits >> 52)
        let low = Double(factors[index])
        let high = Double(factors[index + 1])
        return low + (high - low) * Double(bits & 0xFFFF_FFFF) * 0x1p-32
    }
}

/// A time that varies lognormally around its median.
struct DurationModel {
    var medianMicroseconds: Double
    var table: Int

    @inline(__always)
    func sample(_ tables: LognormalTables, _ random: inout RandomStream) -> Double {
        medianMicroseconds * tables.sample(table, &random)
    }
}
