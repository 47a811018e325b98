extension DeviationEngine {
    /// Names and event times (nanoseconds since the epoch) of the frozen baselines.
    public var frozenBaselines: [(name: String, capturedAt: Int64)] {
        withState { state in state.frozen.map { ($0.name, $0.capturedAt) } }
    }

    /// Keeps the living baselines of all series under a name, in place of what had that name; false if there are
    /// `EngineLimits.frozenBaselines` others. Durable with the next `checkpoint`. O(series).
    public func freeze(_ name: String) -> Bool { withState { $0.freeze(name) } }

    /// Answers whether there was one.
    public func removeFrozenBaseline(_ name: String) -> Bool {
        withState { state in
            let count = state.frozen.count
            state.frozen.removeAll { $0.name == name }
            return state.frozen.count < count
        }
    }

    /// Every series beside the frozen baseline, the farthest off first; nil without such a baseline. `start`:
    /// nanoseconds since the epoch; the latest 72 evaluations of a series of a whole service are kept, 32 of one of its
    /// parts.
    public func comparison(withFrozen name: String, since start: Int64 = .min) -> [FrozenComparison]? {
        withState { $0.comparison(with: name, since: start) }
    }
}
