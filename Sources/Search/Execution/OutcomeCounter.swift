import Synchronization

/// The outcome of a query while it runs, over all threads and subqueries.
final class OutcomeCounter: Sendable {
    private let outcome = Mutex(QueryOutcome())

    var value: QueryOutcome { outcome.withLock { $0 } }

    func update(_ change: (inout QueryOutcome) -> Void) { outcome.withLock { change(&$0) } }

    func note(partial reason: String) {
        outcome.withLock { outcome in
            if !outcome.partial.contains(reason) { outcome.partial.append(reason) }
        }
    }
}
