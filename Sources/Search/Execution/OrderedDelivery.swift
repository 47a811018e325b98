import Synchronization

/// Puts what threads finish in any order back into the order of the blocks.
final class OrderedDelivery<Item> {
    private let lock = Mutex(())
    // Only touched while the lock is held.
    private var next = 0
    private var waiting: [Int: Item?] = [:]
    private var failure: (any Error)?
    private let deliver: (Item) throws -> Void

    init(deliver: @escaping (Item) throws -> Void) { self.deliver = deliver }

    /// How far ahead of the last delivery a number is.
    func distance(of index: Int) -> Int { lock.withLock { _ in index - next } }

    /// The result of block `index`, nil if it gave none. Each number comes exactly once. Delivery runs under the
    /// lock, so a slow receiver holds all threads back.
    func submit(_ index: Int, _ item: Item?) throws {
        try lock.withLock { _ in
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
}
