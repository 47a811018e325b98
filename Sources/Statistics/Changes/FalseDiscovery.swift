/// Which of many simultaneous tests to believe.
public enum FalseDiscovery {
    /// e-BH (Wang and Ramdas, 2022): the hypotheses to reject so that at most `level` of them are false on average,
    /// whatever the dependence between the e-values: the largest k with the k-th largest e-value ≥ count / (k · level).
    /// Takes ln e. Answers positions, strongest first. O(n log n).
    public static func reject(logEValues: [Double], level: Double, outOf count: Int? = nil) -> [Int] {
        precondition(level > 0)
        let order = logEValues.indices.sorted { logEValues[$0] > logEValues[$1] }
        let all = Double(max(count ?? order.count, order.count))
        var accepted = 0
        for (position, index) in order.enumerated() {
            let bar = naturalLogarithm(all / (Double(position + 1) * level))
            if logEValues[index] >= bar { accepted = position + 1 }
        }
        return Array(order.prefix(accepted))
    }

    /// Benjamini–Hochberg (1995) on p-values. Answers positions, smallest first. O(n log n).
    public static func reject(pValues: [Double], level: Double) -> [Int] {
        let order = pValues.indices.sorted { pValues[$0] < pValues[$1] }
        var accepted = 0
        for (position, index) in order.enumerated()
        where pValues[index] <= level * Double(position + 1) / Double(order.count) {
            accepted = position + 1
        }
        return Array(order.prefix(accepted))
    }
}
