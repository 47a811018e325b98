import Bytes
import Machine
import Records

/// What could not be read, for the status: kept once each, up to a bound, and counted; the log is told once a place.
final class DamageLog: Sendable {
    private struct State: Sendable {
        var errors: [CorruptionError] = []
        var seen: Set<String> = []
        var count = 0
    }

    private let state = Monitor(State())
    private let log: (@Sendable (String) -> Void)?

    init(log: (@Sendable (String) -> Void)? = nil) { self.log = log }

    func report(_ error: CorruptionError) {
        let (isNew, isLast) = state.withLock { state -> (Bool, Bool) in
            guard state.seen.count < Limits.damageReports else {
                state.count += 1
                return (false, false)
            }
            guard state.seen.insert(error.description).inserted else { return (false, false) }
            state.errors.append(error)
            state.count += 1
            return (true, state.seen.count == Limits.damageReports)
        }
        if isNew { log?("damaged, left out from now on: \(error)") }
        if isLast { log?("damage in further places is only counted: plumb_damage_total in /metrics") }
    }

    /// Any error of a read; other than damage it is reported as such all the same, since rows are missing.
    func report(_ error: any Error) {
        report(error as? CorruptionError ?? CorruptionError("\(error)", offset: 0))
    }

    var errors: [CorruptionError] { state.withLock { $0.errors } }
    var count: Int { state.withLock { $0.count } }
}
