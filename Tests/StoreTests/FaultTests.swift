import Machine
import Records
import Store
import Testing

@Suite struct FaultTests {
    /// An operation fails now and then, anywhere; the store goes on, and after a power cut all is there.
    @Test(
        arguments: ["write", "sync", "create", "rename", "link", "remove", "syncDirectory"],
        [FileError.Code.inputOutput, .noSpace])
    func aFailingOperationLosesNothing(operation: String, code: FileError.Code) async throws {
        for suffix in ["", "catalog.new", "catalog", ".pls.new", ".pls", ".plj", "segments", "journal", "data"] {
            let disk = CrashableFileSystem()
            let store = try Store("data", system: disk, options: Stores.quiet())
            var next = 0
            for round in 0..<8 {
                if round % 2 == 1 { disk.fail(operation, suffix: suffix, with: code, times: round % 3 + 1) }
                for _ in 0..<2 {
                    let mark = SourceMark(agent: "a", lastSequence: UInt64(next + 10))
                    do {
                        try await store.append(Rows.batch(next..<(next + 10)), mark: mark)
                        next += 10
                    } catch {
                        while store.failure != nil { await Task.yield() }
                    }
                }
                try? await store.flush()
                _ = try? store.mergeOnce()
                let place = "\(operation) \(code) \(suffix) round \(round)"
                #expect(try Rows.numbers(store.snapshot()) == Array(0..<next), "\(place)")
                #expect(await store.lastSequence(of: "a") == UInt64(next), "\(place)")
                let after = disk.restarted(seed: UInt64(round))
                let check = try FolderVerification("data", system: after)
                #expect(check.isSound, "\(place): \(check.problems)")
                let reader = try ReadOnlyStore("data", system: after)
                #expect(try Rows.numbers(reader.snapshot()) == Array(0..<next), "\(place)")
            }
            store.close()
        }
    }

    /// The same with threads that seal and merge when they like.
    @Test(arguments: 0..<60) func powerLossDuringBackgroundWork(seed: UInt64) async throws {
        var random = SeededRandom(seed: seed)
        var options = Stores.quiet()
        options.worksInBackground = true
        options.sealBytes = 1_500
        var disk = CrashableFileSystem()
        var acknowledged = 0
        for _ in 0..<4 {
            disk.losePower(at: disk.operations + Int.random(in: 20..<400, using: &random))
            if let store = try? Store("data", system: disk, options: options) {
                var next = Int(await store.lastSequence(of: "a"))
                #expect(next >= acknowledged, "seed \(seed)")
                while true {
                    let count = Int.random(in: 1...40, using: &random)
                    let mark = SourceMark(agent: "a", lastSequence: UInt64(next + count))
                    do {
                        try await store.append(Rows.batch(next..<(next + count)), mark: mark)
                    } catch {
                        break
                    }
                    next += count
                    #expect(store.snapshot().rowCount == next, "seed \(seed)")
                }
                acknowledged = max(acknowledged, next)
                store.close()
            }
            disk = disk.restarted(seed: random.next())
            guard disk.exists("data/catalog") else { continue }
            let check = try FolderVerification("data", system: disk)
            #expect(check.isSound, "seed \(seed): \(check.problems)")
            let numbers = try Rows.numbers(ReadOnlyStore("data", system: disk).snapshot())
            #expect(numbers == Array(0..<numbers.count) && numbers.count >= acknowledged, "seed \(seed)")
        }
    }

    /// On a full disk sealing is tried again and again: no try may leave behind what the disk is full of.
    @Test func aSealThatFailsHalfWayLeavesNothingBehind() async throws {
        let disk = CrashableFileSystem()
        let store = try Store("data", system: disk, options: Stores.quiet())
        try await store.append(Rows.batch(0..<30, step: Rows.day / 10), mark: nil)
        disk.fail("write", suffix: "000000000003.pls.new", with: .noSpace, times: 1)
        await #expect(throws: FileError.self) { try await store.flush() }
        #expect(try disk.list("data/segments").isEmpty)
        #expect(try Rows.numbers(store.snapshot()) == Array(0..<30))
        try await store.flush()
        #expect(try disk.list("data/segments").count == 3)
        store.close()
    }

    @Test func aTailFollowsAndIsToldWhatItMissed() async throws {
        let store = try Store("data", system: CrashableFileSystem(), options: Stores.quiet())
        let tail = store.tail(bufferedBatches: 2)
        for number in 0..<4 { try await store.append(Rows.batch(number..<(number + 1)), mark: nil) }
        var events = tail.makeAsyncIterator()
        var rows = 0
        for _ in 0..<2 {
            guard case .rows(let batch) = await events.next() else { return #expect(Bool(false), "rows expected") }
            rows += batch.rowCount
        }
        try await store.append(Rows.batch(4..<5), mark: nil)
        guard case .skipped(let batches) = await events.next() else { return #expect(Bool(false), "a gap expected") }
        #expect(rows == 2 && batches == 2)
        store.close()
        var rest = 0
        while case .rows(let batch) = await events.next() { rest += batch.rowCount }
        #expect(rest == 1)
    }

    /// Whoever reads the log learns that records are refused, why, and for how long they were: once each.
    @Test func refusingRecordsAndTakingThemAgainIsSaid() async throws {
        let disk = CrashableFileSystem()
        let said = Monitor<[String]>([])
        var options = Stores.quiet()
        options.log = { line in said.update { $0.append(line) } }
        let store = try Store("data", system: disk, options: options)
        try await store.append(Rows.batch(0..<10), mark: nil)
        #expect(said.withLock { $0 } == [])
        disk.fail("write", suffix: ".plj", with: .noSpace, times: 2)
        await #expect(throws: SinkError.self) { try await store.append(Rows.batch(10..<20), mark: nil) }
        while store.failure != nil { await Task.yield() }
        try await store.append(Rows.batch(10..<20), mark: nil)
        while said.withLock({ $0.count }) < 2 { await Task.yield() }
        store.close()
        let lines = said.withLock { $0 }
        #expect(lines.count == 2, "\(lines)")
        #expect(lines[0].hasPrefix("records are refused") && lines[0].contains("no space left"), "\(lines)")
        #expect(lines[1].hasPrefix("records are taken again; they were refused for "), "\(lines)")
    }

    /// Idle or just started on a full disk, nothing has been refused yet; who asks is told all the same.
    @Test func aFullDiskIsKnownBeforeTheFirstRecordIsRefused() async throws {
        let disk = CrashableFileSystem()
        try Store("data", system: disk, options: Stores.quiet()).close()
        var options = Stores.quiet()
        let store = try Store("data", system: disk, options: options)
        #expect(store.obstacle == nil)
        store.close()
        disk.setCapacity(1 << 30)
        options.journal.reserveBytes = 1 << 31
        let full = try Store("data", system: disk, options: options)
        #expect(full.failure == nil)
        #expect(full.obstacle == "write data/journal: no space left on the disk")
        full.close()
    }
}
