import Bytes
import Machine
import Records

/// What could not be read, for the status: kept once each, up to a bound, and counted.
final class DamageLog: Sendable {
    private struct State: Sendable {
        var errors: [CorruptionError] = []
        var seen: Set<String> = []
        var count = 0
    }

    private let state = Monitor(State())

    func report(_ error: CorruptionError) {
        state.withLock { state in
            guard state.seen.count < Limits.damageReports else {
                state.count += 1
                return
            }
            guard state.seen.insert(error.description).inserted else { return }
            state.errors.append(error)
            state.count += 1
        }
    }

    /// Any error of a read; other than damage it is reported as such all the same, since rows are missing.
    func report(_ error: any Error) {
        report(error as? CorruptionError ?? CorruptionError("\(error)", offset: 0))
    }

    var errors: [CorruptionError] { state.withLock { $0.errors } }
    var count: Int { state.withLock { $0.count } }
}
