import Statistics

extension EngineState {
    /// Keeps the living baselines under a name, in place of what had that name; false if there is no room.
    mutating func freeze(_ name: String) -> Bool {
        keep(
            FrozenBaseline(
                name: name, capturedAt: counters.watermark, profiles: watched.map { FrozenProfile($0.detector) }))
    }

    /// Keeps what was learnt from a past window, for the series that live now; answers of how many, or nil if there is
    /// no room. What would know none is not kept.
    mutating func freeze(_ name: String, as learnt: WindowBaseline) -> Int? {
        let profiles = learnt.profiles
        var kept = [FrozenProfile?](repeating: nil, count: watched.count)
        for series in liveNumbers {
            guard var known = profiles[label(series)] else { continue }
            // A count of another number of buckets: the axis is that of the value over the unit.
            if watched[series].quantity == .records, known.stride > 0 {
                known.profile.unit *= Double(slots[Int(watched[series].slot)].stride) / Double(known.stride)
            }
            kept[series] = known.profile
        }
        let count = kept.count { $0 != nil }
        guard count > 0 else { return 0 }
        return keep(FrozenBaseline(name: name, capturedAt: learnt.window.upperBound, profiles: kept)) ? count : nil
    }

    private mutating func keep(_ baseline: FrozenBaseline) -> Bool {
        let known = frozen.firstIndex { $0.name == baseline.name }
        guard known != nil || frozen.count < EngineLimits.frozenBaselines else { return false }
        if let known { frozen[known] = baseline } else { frozen.append(baseline) }
        return true
    }

    /// All series that the frozen baseline knows, the farthest off first. Looks at the latest points since `start`, of
    /// which a series keeps 72. O(series · points).
    func comparison(with name: String, since start: Int64) -> [FrozenComparison]? {
        guard let baseline = frozen.first(where: { $0.name == name }) else { return nil }
        var found: [FrozenComparison] = []
        for (series, profile) in baseline.profiles.enumerated() {
            guard let profile, series < watched.count else { continue }
            let steps = self.steps(series).filter { $0.time >= max(start, baseline.capturedAt) }
            guard !steps.isEmpty else { continue }
            found.append(compare(series, profile, steps))
        }
        return found.sorted { abs($0.standardErrors) > abs($1.standardErrors) }
    }

    private func compare(
        _ series: Int, _ profile: FrozenProfile, _ steps: [WatchedSeries.Step]
    ) -> FrozenComparison {
        let source = watched[series]
        let isCount = source.quantity == .records
        var weights = 0.0
        var sums = (observed: 0.0, frozen: 0.0, living: 0.0)
        var distance: Float = 0
        for step in steps {
            let weight = isCount ? 1 : Double(max(step.weight, 1))
            let expected = profile.expected(at: step.time)
            weights += weight
            sums.observed += weight * Double(step.observed)
            sums.frozen += weight * profile.offScale(expected)
            sums.living += weight * Double(step.expected)
            distance += profile.onScale(Double(step.observed)) - expected
        }
        // Neighbouring evaluations say much the same: four count as one.
        let errors =
            Double(distance) / Double(steps.count) / Double(profile.deviation)
            * max(Double(steps.count) / 4, 1).squareRoot()
        return FrozenComparison(
            series: label(series), observed: source.display(sums.observed / weights),
            frozen: source.display(sums.frozen / weights), living: source.display(sums.living / weights),
            standardErrors: errors, evaluations: steps.count)
    }
}
