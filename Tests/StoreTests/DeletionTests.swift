import Bytes
import Machine
import QueryLanguage
import Records
import Search
import Store
import Testing

@Suite struct DeletionTests {
    private func options() -> StoreOptions {
        var options = Stores.quiet()
        options.selectors = LogsQLSelectors()
        return options
    }

    @Test func whatWasThereIsHiddenAtOnceAndGoesWhenSegmentsAreWrittenAnew() async throws {
        let disk = CrashableFileSystem()
        let other = Tenant(account: 1, project: 2)
        var store = try Store("data", system: disk, options: options())
        try await store.append(Rows.batch(0..<60), mark: nil)
        try await store.append(Rows.batch(0..<60, tenant: other), mark: nil)
        try await store.flush()
        try await store.append(Rows.batch(60..<90), mark: nil)
        let deletion = try store.delete("service:=cart")
        try await store.append(Rows.batch(90..<120), mark: nil)
        let kept = (0..<90).filter { $0 % 3 != 0 } + (90..<120)
        for step in ["at once", "after a start", "sealed", "written anew", "merged"] {
            if step == "after a start" {
                store.close()
                store = try Store("data", system: disk, options: options())
            }
            if step == "sealed" { try await store.flush() }
            if step == "written anew" { while try store.mergeOnce() {} }
            if step == "merged" { try await store.forceMerge() }
            #expect(try Rows.numbers(store.snapshot()) == kept, "\(step)")
            #expect(try Rows.numbers(store.snapshot(other)) == Array(0..<60), "\(step)")
            let trace = try store.snapshot().rows(withIdentifier: ByteString(Rows.trace(1)))
            let found = try trace.flatMap { found in
                let column = try found.block.column("n", rows: found.rows)
                return found.rows.indices.map { column.value($0).string }
            }
            #expect(found.sorted() == ["4", "5", "7"], "\(step)")
            #expect(try count("*", store.snapshot()) == kept.count, "\(step)")
            #expect(try count("service:=cart", store.snapshot()) == 10, "\(step)")
        }
        #expect(deletion.tenant == .main)
        #expect(store.deletions.isEmpty)
        #expect(store.statistics.deletedRows == 30)
        #expect(store.statistics.rows == kept.count + 60)
        store.close()
        let check = try FolderVerification("data", system: disk)
        #expect(check.isSound && check.segmentRows == kept.count + 60, "\(check.problems)")
        #expect(try disk.list("data/journal").isEmpty)
    }

    private func count(_ filter: String, _ snapshot: StoreSnapshot) throws -> Int {
        var counted: Int?
        try QueryExecutor(workers: 2).run(
            QueryParser.parse(filter + " | stats count() n"), over: snapshot, now: Rows.start
        ) { rows in counted = Int(rows.columns[0].value(0).string) }
        return counted ?? 0
    }

    @Test func relativeTimesAreThoseOfTheMomentOfAcceptance() async throws {
        let clock = ManualClock(Rows.start + 1_000_000_000)
        let disk = CrashableFileSystem()
        let first = try Store("data", system: disk, clock: clock, options: options())
        // One row a millisecond; the last half second of the first thousand goes.
        try await first.append(Rows.batch(0..<1_000), mark: nil)
        _ = try first.delete("_time:500ms")
        clock.advance(by: Rows.day)
        first.close()
        let second = try Store("data", system: disk, clock: clock, options: options())
        #expect(try Rows.numbers(second.snapshot()) == Array(0...500))
        second.close()
    }

    @Test func aStoppedDeletionShowsWhatIsStillStored() async throws {
        let store = try Store("data", system: CrashableFileSystem(), options: options())
        try await store.append(Rows.batch(0..<30), mark: nil)
        let deletion = try store.delete("*")
        #expect(try Rows.numbers(store.snapshot()).isEmpty)
        #expect(store.deletions.map(\.number) == [deletion.number])
        #expect(try store.stopDeletion(deletion.number))
        #expect(try !store.stopDeletion(deletion.number))
        #expect(try Rows.numbers(store.snapshot()) == Array(0..<30))
        _ = try store.delete("n:<10")
        try await store.flush()
        while try store.mergeOnce() {}
        #expect(store.deletions.isEmpty)
        #expect(try Rows.numbers(store.snapshot()) == Array(10..<30))
        store.close()
    }

    @Test(arguments: ["service:(", "a | b", "x:in(y | fields x)", "{a=", "_msg:~\"(\""])
    func aFilterThatCannotBeKeptIsRefused(filter: String) async throws {
        let store = try Store("data", system: CrashableFileSystem(), options: options())
        try await store.append(Rows.batch(0..<3), mark: nil)
        #expect(throws: (any Error).self) { try store.delete(filter) }
        #expect(store.deletions.isEmpty)
        #expect(try Rows.numbers(store.snapshot()) == [0, 1, 2])
        store.close()
    }

    @Test func aFolderWithDeletionsIsNotOpenedByWhoCannotReadThem() async throws {
        let disk = CrashableFileSystem()
        let store = try Store("data", system: disk, options: options())
        try await store.append(Rows.batch(0..<3), mark: nil)
        try await store.flush()
        _ = try store.delete("n:=1")
        store.close()
        #expect(throws: StoreError.noSelectors) { try Store("data", system: disk, options: Stores.quiet()) }
        #expect(throws: StoreError.noSelectors) { try ReadOnlyStore("data", system: disk) }
        let reader = try ReadOnlyStore("data", system: disk, selectors: LogsQLSelectors())
        #expect(try Rows.numbers(reader.snapshot()) == [0, 2])
    }

    /// What cannot be judged must not be shown, and the segment stays for whoever wants to repair it.
    @Test func rowsOfADamagedSegmentStayHidden() async throws {
        let disk = CrashableFileSystem()
        var store = try Store("data", system: disk, options: options())
        try await store.append(Rows.batch(0..<50), mark: nil)
        try await store.flush()
        _ = try store.delete("service:=cart")
        store.close()
        let path = "data/segments/" + (try disk.list("data/segments"))[0]
        for offset in stride(from: 20, to: try disk.size(of: path), by: 61) {
            disk.flipBit(offset % 8, at: offset, of: path)
            store = try Store("data", system: disk, options: options())
            for _ in 0..<2 {
                let blocks = store.snapshot().blocks(in: .min ... .max)
                for block in blocks {
                    do {
                        let services = try block.column("service")
                        for row in 0..<block.rowCount { #expect(services.value(row) != "cart", "byte \(offset)") }
                    } catch let error as CorruptionError {
                        store.quarantine(error)
                    }
                }
            }
            _ = try? store.mergeOnce()
            store.close()
            #expect(disk.exists(path) || (try? FolderVerification("data", system: disk).isSound) == true)
            guard disk.exists(path) else { return }
            disk.flipBit(offset % 8, at: offset, of: path)
        }
    }

    /// Threads seal, merge and write anew when they like; whoever asks sees exactly what is not deleted.
    @Test(arguments: 0..<12) func queriesAreExactWhileSegmentsAreWrittenAnew(seed: UInt64) async throws {
        var random = SeededRandom(seed: seed)
        var options = options()
        options.worksInBackground = true
        options.sealBytes = 1_000
        let store = try Store("data", system: CrashableFileSystem(), options: options)
        var model: [Int] = []
        var next = 0
        for round in 0..<60 {
            let count = Int.random(in: 1...40, using: &random)
            try await store.append(Rows.batch(next..<(next + count)), mark: nil)
            model += Array(next..<(next + count))
            next += count
            if Int.random(in: 0..<4, using: &random) == 0 {
                let low = Int.random(in: 0..<next, using: &random)
                let high = low + Int.random(in: 0..<60, using: &random)
                _ = try store.delete("n:range[\(low), \(high)] service:=web")
                model.removeAll { $0 >= low && $0 <= high && $0 % 3 == 1 }
            }
            #expect(try Rows.numbers(store.snapshot()) == model, "seed \(seed) round \(round)")
        }
        try await store.flush()
        try await store.forceMerge()
        #expect(try Rows.numbers(store.snapshot()) == model, "seed \(seed)")
        #expect(store.deletions.isEmpty)
        #expect(store.statistics.rows == model.count, "seed \(seed)")
        store.close()
    }
}
