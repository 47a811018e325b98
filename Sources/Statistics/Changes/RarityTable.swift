/// Ranks positive numbers among all that came before, within 5 %.
struct RarityTable: Sendable {
    private static let bins = 2_048
    /// A Fenwick tree over bins of the logarithm, the greatest first.
    private var tree = [UInt32](repeating: 0, count: RarityTable.bins + 1)
    private var total = 0.0

    /// −ln of the share of numbers so far, this one among them, that were at least as great; 0 for nil. O(log bins).
    mutating func add(_ value: Float?) -> Double {
        guard let value else { return 0 }
        let bin = value > 1e-20 ? Int(((naturalLogarithm(Double(value)) + 46.1) * 20).rounded()) : 0
        let place = Self.bins - max(0, min(bin, Self.bins - 1))
        var asGreat = 0.0
        var index = place
        while index > 0 {
            asGreat += Double(tree[index])
            index &= index - 1
        }
        index = place
        while index <= Self.bins {
            tree[index] += 1
            index += index & -index
        }
        total += 1
        return naturalLogarithm(total / (asGreat + 1))
    }
}
