import Bytes
import Machine
import Records
import Store
import Testing

/// Rows that say which they are, some of them with a trace ID.
enum Rows {
    static let day = Timestamp.nanosecondsPerDay
    /// 2026-03-02.
    static let start: Int64 = 1_772_409_600_000_000_000

    /// `step`: nanoseconds from one row to the next.
    static func batch(_ numbers: Range<Int>, step: Int64 = 1_000_000, tenant: Tenant = .main) -> RecordBatch {
        RecordBatch(
            rows: numbers.map { number in
                (
                    time: start + Int64(number) * step,
                    fields: [
                        ("n", "\(number)"), ("service", ["cart", "web", "pay"][number % 3]),
                        ("_msg", "row \(number) of many"), ("trace_id", trace(number / 4)),
                    ]
                )
            }, tenant: tenant)
    }

    static func trace(_ number: Int) -> String {
        let hex = String(UInt64(number) &* 0x9E37_79B9_7F4A_7C15 | 1 << 63, radix: 16)
        return hex + hex
    }

    /// The numbers of all rows that a snapshot shows, sorted.
    static func numbers(_ snapshot: some BlockSnapshot, in range: ClosedRange<Int64> = .min ... .max) throws -> [Int] {
        try snapshot.blocks(in: range).flatMap { block -> [Int] in
            let vector = try block.column("n")
            return (0..<block.rowCount).map { Int(vector.value($0).string)! }
        }.sorted()
    }
}

enum Stores {
    /// On a test disk, with nothing going on behind the test's back.
    static func quiet() -> StoreOptions {
        var options = StoreOptions()
        options.worksInBackground = false
        options.journal.reserveBytes = 0
        options.journal.recoveryNanoseconds = 2_000_000
        options.mergeFanIn = 3
        options.sharedDayBytes = 0
        options.mergeBytesPerSecond = Int.max
        return options
    }
}

/// An observer that remembers what it saw and saves it in memory.
final class Watcher: BatchObserver {
    struct State: Sendable {
        var seen: [Int] = []
        var position = JournalPosition.beginning
        var saved: [Int] = []
        var savedPosition = JournalPosition.beginning
        var refusesToSave = false
    }

    let state = Monitor(State())

    var checkpointedPosition: JournalPosition { state.withLock { $0.savedPosition } }

    func observe(_ batch: RecordBatch, at position: JournalPosition) {
        let column = batch.columnIndex("n")!
        let numbers = (0..<batch.rowCount).map { Int(ByteString(batch.value(row: $0, column: column)).string)! }
        state.update { state in
            state.seen += numbers
            state.position = position
        }
    }

    func checkpoint() throws -> JournalPosition {
        try state.update { state in
            if state.refusesToSave { throw FileError(.noSpace, "write", "state") }
            state.saved = state.seen
            state.savedPosition = state.position
            return state.position
        }
    }

    /// What the next life of the observer starts from.
    func reborn() -> Watcher {
        let next = Watcher()
        let (saved, position) = state.withLock { ($0.saved, $0.savedPosition) }
        next.state.update { state in
            state = State(seen: saved, position: position, saved: saved, savedPosition: position)
        }
        return next
    }
}
