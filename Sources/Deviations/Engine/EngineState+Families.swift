import Statistics

extension EngineState {
    /// ln of the horizon of the tests in days, less what a share of the alarms costs: what turns ln(days between false
    /// alarms) into the logarithm of an e-value.
    private static let horizon: Float = 0.6
    /// Values of one field may be noisy together; so much more is asked of them together.
    private static let kinship: Float = 1.5
    /// Members of a family that are weighed together.
    private static let largestFamily = 8

    /// A cause that strikes some values of a field (three categories, two regions) leaves evidence in the series of
    /// each value, and these rest on different records. Their e-values multiply, less the number of ways to choose so
    /// many values. What they show together beyond each alone is taken off each one's threshold until the next
    /// weighing. O(series), once in half an hour.
    mutating func weighFamilies() {
        for series in watched.indices { watched[series].familyRelief = 0 }
        for measure in partSlots.indices {
            for table in partSlots[measure] {
                var first = 0
                while first < table.count {
                    weighFamily(table[first..<min(first + Self.codesPerService, table.count)])
                    first += Self.codesPerService
                }
            }
        }
    }

    /// The series of the values of one field in one service.
    private mutating func weighFamily(_ members: ArraySlice<Int32>) {
        var size = 0
        var rising: [Int] = []
        var falling: [Int] = []
        for slot in members where slot >= 0 {
            let series = Int(slots[Int(slot)].valueSeries)
            guard series >= 0 else { continue }
            size += 1
            guard watched[series].lasting > 1 else { continue }
            if watched[series].isUp { rising.append(series) } else { falling.append(series) }
        }
        relieve(rising, of: size)
        relieve(falling, of: size)
    }

    private mutating func relieve(_ suspects: [Int], of size: Int) {
        guard suspects.count >= 2 else { return }
        let ordered = suspects.sorted { watched[$0].lasting > watched[$1].lasting }.prefix(Self.largestFamily)
        var sum: Float = 0
        var ways: Float = 0
        var best: (evidence: Float, count: Int) = (watched[ordered[0]].lasting, 1)
        for (index, series) in ordered.enumerated() {
            sum += watched[series].lasting - Self.horizon
            ways += Float(naturalLogarithm(Double(size - index) / Double(index + 1)))
            let evidence = sum + Self.horizon - max(ways, 0) - Self.kinship
            if index > 0 && evidence > best.evidence { best = (evidence, index + 1) }
        }
        guard best.count > 1 else { return }
        for series in ordered.prefix(best.count) {
            watched[series].familyRelief = best.evidence - watched[series].lasting
        }
    }
}
