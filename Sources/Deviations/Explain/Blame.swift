/// Shares out what was seen in calls among those that may have caused it: the service in which it was seen, or one that
/// it called.
///
/// A caller's own time contains the network and the waiting for whom it calls, so that its slowness may be theirs. Who
/// explains most of all that he takes part in gets most of it (expectation maximisation of a mixture).
struct Blame {
    /// Evidence in a cell, and who may be meant by it: the service itself, or callees with how likely each is before
    /// anything is seen.
    struct Witness {
        var service: Int
        var callees: [(service: Int, prior: Double)]
        var mass: Double
        /// Spans behind it, few or many.
        var weight: Double
    }

    /// By service: what is its own doing, and what is that of calls to it.
    private(set) var own: [Double]
    private(set) var called: [Double]

    /// O(witnesses · callees).
    init(_ witnesses: [Witness], services: Int) {
        own = [Double](repeating: 0, count: services)
        called = own
        var ownWeight = own
        var calledWeight = own
        for witness in witnesses {
            ownWeight[witness.service] += witness.weight
            for callee in witness.callees { calledWeight[callee.service] += witness.weight }
        }
        var ownRate = [Double](repeating: 1, count: services)
        var calledRate = ownRate
        for _ in 0..<30 {
            var newOwn = [Double](repeating: 0, count: services)
            var newCalled = newOwn
            for witness in witnesses where witness.mass > 0 {
                var parts = [power(ownRate[witness.service])]
                for callee in witness.callees { parts.append(callee.prior * power(calledRate[callee.service])) }
                let all = max(parts.reduce(0, +), 1e-300)
                newOwn[witness.service] += witness.mass * parts[0] / all
                for (place, callee) in witness.callees.enumerated() {
                    newCalled[callee.service] += witness.mass * parts[place + 1] / all
                }
            }
            for service in 0..<services {
                ownRate[service] = newOwn[service] / (ownWeight[service] + 5)
                calledRate[service] = newCalled[service] / (calledWeight[service] + 5)
            }
            (own, called) = (newOwn, newCalled)
        }
        addAlternatives(witnesses)
    }

    /// Where two explain the same, the one that lost stays a suspect: a part of what it could explain, as far as
    /// everything that it takes part in bears it out.
    private mutating func addAlternatives(_ witnesses: [Witness]) {
        var possible = [Double](repeating: 0, count: own.count)
        var borneOut = possible
        var weight = possible
        for witness in witnesses {
            for callee in witness.callees {
                possible[callee.service] += min(callee.prior, 1) * witness.mass
                weight[callee.service] += witness.weight
                if witness.mass > 0 { borneOut[callee.service] += witness.weight }
            }
        }
        for service in own.indices where weight[service] > 0 {
            let share = borneOut[service] / (weight[service] + 5)
            called[service] += Self.alternative * share * possible[service]
        }
    }

    private static let alternative = 0.15

    /// Sharpens a rate, so that the better explanation takes more than its share.
    private func power(_ rate: Double) -> Double { rate * rate.squareRoot() }
}
