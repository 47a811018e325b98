import Synchronization

/// Counts what the accumulators of one query hold, over all of its threads.
final class MemoryBudget: Sendable {
    private let used = Atomic<Int>(0)
    private let limitBytes: Int

    init(limitBytes: Int) { self.limitBytes = limitBytes }

    /// Adds (or gives back) bytes; throws past the limit.
    func charge(_ bytes: Int) throws(SearchError) {
        let now = used.add(bytes, ordering: .relaxed).newValue
        if bytes > 0, now > limitBytes { throw .memory(limitBytes: limitBytes) }
    }
}

/// What one accumulator has charged: told the size now and then, it charges the difference.
struct MemoryMeter {
    private let budget: MemoryBudget
    private var charged = 0

    init(_ budget: MemoryBudget) { self.budget = budget }

    mutating func set(_ bytes: Int) throws(SearchError) {
        let difference = bytes - charged
        // Small changes wait, so that the counter is not shared at every chunk.
        guard abs(difference) > 65_536 else { return }
        charged = bytes
        try budget.charge(difference)
    }
}
