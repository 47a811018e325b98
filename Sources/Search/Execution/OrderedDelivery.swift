import Machine

/// Puts what threads finish in any order back into the order of the blocks. Threads that run too far ahead of the
/// slowest wait for it, so that what is held back stays small.
final class OrderedDelivery<Item> {
    /// Blocks that may be done ahead of the one whose turn it is.
    private static var lead: Int { 32 }
    /// How often a thread that waits asks whether the query still goes on.
    private static var askNanoseconds: Int64 { 50_000_000 }

    private let lock = Monitor(())
    // Only touched while the lock is held.
    private var next = 0
    private var waiting: [Int: Item?] = [:]
    private var failure: (any Error)?
    private let budget: QueryBudget
    private let deliver: (Item) throws -> Void

    init(budget: QueryBudget, deliver: @escaping (Item) throws -> Void) {
        self.budget = budget
        self.deliver = deliver
    }

    /// How far ahead of the last delivery a number is.
    func distance(of index: Int) -> Int { lock.withLock { _ in index - next } }

    /// The result of block `index`, nil if it gave none. Each number comes exactly once, and lower ones are on their
    /// way. Delivery runs under the lock, so a slow receiver holds all threads back.
    func submit(_ index: Int, _ item: Item?) throws {
        while !mayHold(index) { try budget.check() }
        try lock.update { _ in
            if let failure { throw failure }
            waiting[index] = .some(item)
            while let ready = waiting.removeValue(forKey: next) {
                next += 1
                guard let ready else { continue }
                do {
                    try deliver(ready)
                } catch {
                    failure = error
                    throw error
                }
            }
        }
    }

    private func mayHold(_ index: Int) -> Bool {
        lock.wait(timeoutNanoseconds: Self.askNanoseconds) { _ in
            failure != nil || index - next <= Self.lead ? true : nil
        } ?? false
    }

    /// Some block will not come: nobody waits for it any more.
    func abort(_ error: any Error) {
        lock.update { _ in if failure == nil { failure = error } }
    }
}
