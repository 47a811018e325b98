import Bytes
import Machine
import Records
import Search
import Store
import Testing

@Suite struct RetentionTests {
    @Test func oldRowsAreRefusedAndOldSegmentsRemoved() async throws {
        let clock = ManualClock(Rows.start + 3 * Rows.day)
        var options = Stores.quiet()
        options.retentionNanoseconds = 2 * Rows.day
        let disk = CrashableFileSystem()
        let store = try Store("data", system: disk, clock: clock, options: options)
        // Ten a day from day 0 on; day 0 is older than retention, day 6 is ahead of the clock by more than a day.
        try await store.append(Rows.batch(0..<70, step: Rows.day / 10), mark: SourceMark(agent: "a", lastSequence: 70))
        try await store.flush()
        #expect(try Rows.numbers(store.snapshot()) == Array(10..<70))
        #expect(store.statistics.lateRows == 10)
        #expect(store.statistics.futureRows == 29)
        #expect(await store.lastSequence(of: "a") == 70, "a refused row is not asked for again")
        clock.advance(by: 2 * Rows.day)
        try store.enforceRetention()
        #expect(try Rows.numbers(store.snapshot()) == Array(30..<70))
        #expect(store.statistics.expiredRows == 20)
        store.close()
        #expect(try FolderVerification("data", system: disk).isSound)
        #expect(try disk.list("data/segments").count == 4)
    }

    /// Rows that retention drops were once answered as accepted.
    @Test func theSenderLearnsHowManyRowsWereLeftOut() async throws {
        var options = Stores.quiet()
        options.retentionNanoseconds = Rows.day
        let clock = ManualClock(Rows.start + 3 * Rows.day)
        let store = try Store("data", system: CrashableFileSystem(), clock: clock, options: options)
        let sink: any RecordSink = store
        let batch = Rows.batch(0..<40, step: Rows.day / 10)
        #expect(try await sink.appendCounting(batch, mark: nil).expiredRows == 20)
        #expect(try await sink.appendCounting(Rows.batch(0..<5), mark: nil).expiredRows == 5)
        #expect(try await sink.appendCounting(Rows.batch(30..<31, step: Rows.day / 10), mark: nil).expiredRows == 0)
        #expect(store.statistics.lateRows == 25)
        store.close()
        await #expect(throws: SinkError.closed) { try await sink.appendCounting(batch, mark: nil) }
        #expect(store.statistics.lateRows == 25, "what was refused is not counted: it comes again")
    }

    @Test(arguments: [0, -1, Int64.min]) func boundsOfNothingAreRefused(bound: Int64) throws {
        for keyPath in [\StoreOptions.retentionNanoseconds, nil] {
            var options = Stores.quiet()
            if let keyPath { options[keyPath: keyPath] = bound } else { options.maximumBytes = Int(bound) }
            let disk = CrashableFileSystem()
            #expect(throws: StoreError.self) { try Store("data", system: disk, options: options) }
            #expect(!disk.exists("data"))
        }
    }

    @Test func theOldestDaysGoWhenTheDiskBoundIsReached() async throws {
        let clock = ManualClock(Rows.start)
        let disk = CrashableFileSystem()
        var options = Stores.quiet()
        let first = try Store("data", system: disk, clock: clock, options: options)
        try await first.append(Rows.batch(0..<40, step: Rows.day / 10), mark: nil)
        try await first.flush()
        let bytes = first.statistics.segmentBytes
        first.close()
        options.maximumBytes = bytes * 6 / 10
        let store = try Store("data", system: disk, clock: clock, options: options)
        try store.enforceRetention()
        #expect(try Rows.numbers(store.snapshot()) == Array(20..<40))
        #expect(store.statistics.segmentBytes <= bytes * 6 / 10)
        store.close()
    }

    /// A bound smaller than one day's bytes once took the current day whole, rows of a second ago with it.
    @Test func withinADayTheOldestSegmentsGoAndTheNewestStays() async throws {
        let disk = CrashableFileSystem()
        var options = Stores.quiet()
        let first = try Store("data", system: disk, clock: ManualClock(Rows.start), options: options)
        for part in 0..<4 {
            try await first.append(Rows.batch(part * 10..<part * 10 + 10), mark: nil)
            try await first.flush()
        }
        let bytes = first.statistics.segmentBytes
        #expect(first.statistics.segments == 4)
        first.close()
        for (share, kept) in [(6, 20..<40), (0, 30..<40)] {
            options.maximumBytes = bytes * share / 10 + 1
            let store = try Store("data", system: disk, clock: ManualClock(Rows.start), options: options)
            try store.enforceRetention()
            #expect(try Rows.numbers(store.snapshot()) == Array(kept))
            store.close()
        }
    }

    private func options(debugDays: Int64) -> StoreOptions {
        var options = Stores.quiet()
        options.selectors = LogsQLSelectors()
        options.streamRetention = [
            StreamRetention(filter: "{service=\"cart\"}", nanoseconds: debugDays * Rows.day),
            StreamRetention(filter: "service:=web n:<30", nanoseconds: 4 * Rows.day),
        ]
        return options
    }

    /// Rows are ten a day; those of `cart` are every third one.
    @Test func rowsOfSomeStreamsGoSooner() async throws {
        let clock = ManualClock(Rows.start + 2 * Rows.day)
        let disk = CrashableFileSystem()
        var store = try Store("data", system: disk, clock: clock, options: options(debugDays: 2))
        try await store.append(Rows.batch(0..<60, step: Rows.day / 10), mark: nil)
        try await store.flush()
        #expect(try Rows.numbers(store.snapshot()) == Array(0..<60))
        for (hours, end) in [(0, 0), (1, 1), (24, 10), (60, 25)] {
            clock.advance(by: Rows.start + 2 * Rows.day + Int64(hours) * Rows.day / 24 - clock.now())
            let kept = (0..<60).filter { row in
                let age = clock.now() - Rows.start - Int64(row) * Rows.day / 10
                return !(row % 3 == 0 && age > 2 * Rows.day) && !(row % 3 == 1 && row < 30 && age > 4 * Rows.day)
            }
            #expect(!kept.contains { $0 % 3 == 0 && $0 < end })
            #expect(try Rows.numbers(store.snapshot()) == kept, "hidden on time, \(hours) h")
            let stored = store.statistics.rows
            while try store.mergeOnce() {}
            #expect(try Rows.numbers(store.snapshot()) == kept, "written anew, \(hours) h")
            // Days that are wholly older have lost their rows, the others only hide them.
            let days = Int((clock.now() - Rows.start - 2 * Rows.day) / Rows.day)
            #expect(store.statistics.rows <= stored - (days > 0 ? 1 : 0))
            #expect(store.statistics.expiredRows >= days * 3, "\(hours) h")
            store.close()
            store = try Store("data", system: disk, clock: clock, options: options(debugDays: 2))
            #expect(try Rows.numbers(store.snapshot()) == kept, "after a start, \(hours) h")
        }
        store.close()
        #expect(try FolderVerification("data", system: disk).isSound)
    }

    @Test func lateRowsOfSuchStreamsAreRefusedAndCounted() async throws {
        let clock = ManualClock(Rows.start + 3 * Rows.day)
        let store = try Store(
            "data", system: CrashableFileSystem(), clock: clock, options: options(debugDays: 2))
        let batch = Rows.batch(0..<30, step: Rows.day / 10)
        #expect(try await store.appendCounting(batch, mark: nil).expiredRows == 4)
        #expect(try Rows.numbers(store.snapshot()) == (0..<30).filter { $0 % 3 != 0 || $0 >= 10 })
        #expect(store.statistics.lateRows == 4)
        store.close()
    }

    @Test func agesAboveThatOfAllAreRefused() throws {
        var options = options(debugDays: 2)
        options.retentionNanoseconds = 3 * Rows.day
        #expect(throws: StoreError.self) { try Store("data", system: CrashableFileSystem(), options: options) }
        options.retentionNanoseconds = nil
        options.streamRetention[0].filter = "{service="
        #expect(throws: StoreError.self) { try Store("data", system: CrashableFileSystem(), options: options) }
    }
}
