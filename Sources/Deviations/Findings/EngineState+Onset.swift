import Statistics

extension EngineState {
    /// When the change began: the bend or step at one of a series' latest points that explains most of what it has
    /// since been off its baseline (least squares, weighted by records). Nil for a spike, and where the change is
    /// older than those points. O(points²).
    func onset(of finding: Finding) -> Int64? {
        guard finding.change != .spike else { return nil }
        // Of the strongest series the one whose points reach back farthest.
        let strongest = finding.members.prefix(8).filter {
            isDrawable($0, of: finding.group) && (finding.group != .variables || $0.direction == finding.direction)
        }
        let reach = strongest.map { self.steps(Int($0.series)).first?.time ?? .max }
        guard let farthest = reach.indices.min(by: { reach[$0] < reach[$1] }) else { return nil }
        let series = watched[Int(strongest[farthest].series)]
        let steps = self.steps(Int(strongest[farthest].series))
        guard steps.count >= 8 else { return nil }
        let isCount = series.quantity == .records
        let sign: Double = finding.direction == .up ? 1 : -1
        let weights = steps.map { isCount ? 1 : Double($0.weight) }
        let errors = steps.map { step in
            sign
                * (isCount
                    ? logarithmOfOnePlus(max(Double(step.observed), 0))
                        - logarithmOfOnePlus(max(Double(step.expected), 0))
                    : Double(step.observed - step.expected))
        }
        var best = 0.0
        var place = 0
        for start in steps.indices where steps[start].time < finding.detectedAt {
            let gain = max(
                explained(errors, weights, from: start, isBend: true),
                explained(errors, weights, from: start, isBend: false))
            if gain > best { (best, place) = (gain, start) }
        }
        return place > 0 ? steps[place].time : nil
    }

    /// The part of the weighted sum of squares that a bend, or a step, at `start` explains.
    private func explained(_ errors: [Double], _ weights: [Double], from start: Int, isBend: Bool) -> Double {
        var product = 0.0
        var square = 0.0
        for index in start..<errors.count {
            let height = isBend ? Double(index - start + 1) : 1
            product += weights[index] * height * errors[index]
            square += weights[index] * height * height
        }
        return product > 0 && square > 0 ? product * product / square : 0
    }
}
