extension DeviationEngine {
    /// Names and event times (nanoseconds since the epoch) of the frozen baselines.
    public var frozenBaselines: [(name: String, capturedAt: Int64)] {
        withState { state in state.frozen.map { ($0.name, $0.capturedAt) } }
    }

    /// Keeps the living baselines of all series under a name, in place of what had that name; false if there are
    /// `EngineLimits.frozenBaselines` others. Durable with the next `checkpoint`. O(series).
    public func freeze(_ name: String) -> Bool { withState { $0.freeze(name) } }

    /// What is to learn from the stored records of a past window.
    public func baseline(of window: Range<Int64>) -> WindowBaseline {
        WindowBaseline(window: window, options: withState { $0.options })
    }

    /// Keeps what was learnt from a past window under a name, in place of what had that name. Answers how many of the
    /// series that live now it knows, those with sixteen evaluations in the window; none, and nothing is kept; nil if
    /// `EngineLimits.frozenBaselines` others are kept. Durable with the next `checkpoint`. O(rows still held + series).
    public func freeze(_ name: String, as learnt: consuming WindowBaseline) -> Int? {
        learnt.finish()
        let done = learnt
        return withState { $0.freeze(name, as: done) }
    }

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
