/// Whether a share has changed between two windows.
public enum LikelihoodRatio {
    /// G² of a 2 × 2 table: `hits` of `total` before and after; chi-squared with one degree of freedom if nothing
    /// changed (Dunning, 1993). O(1).
    public static func gSquared(hitsBefore: Double, totalBefore: Double, hitsAfter: Double, totalAfter: Double)
        -> Double
    {
        let total = totalBefore + totalAfter
        guard totalBefore > 0, totalAfter > 0 else { return 0 }
        let hits = hitsBefore + hitsAfter
        func term(_ observed: Double, _ expected: Double) -> Double {
            observed > 0 && expected > 0 ? observed * naturalLogarithm(observed / expected) : 0
        }
        let misses = total - hits
        return 2
            * (term(hitsBefore, hits * totalBefore / total) + term(hitsAfter, hits * totalAfter / total)
                + term(totalBefore - hitsBefore, misses * totalBefore / total)
                + term(totalAfter - hitsAfter, misses * totalAfter / total))
    }

    /// P(chi-squared with one degree of freedom ≥ statistic). O(1).
    public static func probability(ofGSquared statistic: Double) -> Double {
        2 * NormalDistribution.upperTail(max(statistic, 0).squareRoot())
    }
}
