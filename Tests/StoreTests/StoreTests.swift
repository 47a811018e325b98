import Bytes
import Machine
import Records
import Store
import Testing

@Suite struct StoreTests {
    @Test func rowsAreVisibleFromMemoryFromSegmentsAndAcrossBoth() async throws {
        let store = try Store("data", system: CrashableFileSystem(), options: Stores.quiet())
        try await store.append(Rows.batch(0..<100), mark: nil)
        #expect(try Rows.numbers(store.snapshot()) == Array(0..<100))
        let before = store.snapshot()
        try await store.flush()
        #expect(store.statistics.memoryRows == 0 && store.statistics.segments == 1)
        #expect(store.statistics.journal.fileCount == 0)
        #expect(try Rows.numbers(store.snapshot()) == Array(0..<100))
        try await store.append(Rows.batch(100..<150), mark: nil)
        #expect(try Rows.numbers(store.snapshot()) == Array(0..<150))
        #expect(try Rows.numbers(before) == Array(0..<100), "a snapshot stays as it was")
        let time = Rows.start + 120 * 1_000_000
        #expect(try Rows.numbers(store.snapshot(), in: time...time).contains(120))
        store.close()
    }

    @Test func anIdentifierIsFoundWhereverItsRowsAre() async throws {
        let store = try Store("data", system: CrashableFileSystem(), options: Stores.quiet())
        try await store.append(Rows.batch(0..<1_002), mark: nil)
        try await store.flush()
        try await store.append(Rows.batch(1_002..<2_000), mark: nil)
        // Trace 250 has rows 1000…1003: two in the segment, two in the journal.
        for id in [Rows.trace(250), Rows.trace(250).uppercased()] {
            let found = try store.snapshot().rows(withIdentifier: ByteString(id)).flatMap { hit in
                let vector = try hit.block.column("n")
                return hit.rows.map { Int(vector.value($0).string)! }
            }
            #expect(found.sorted() == [1_000, 1_001, 1_002, 1_003])
            #expect(try Set(Rows.numbers(Blocks(store.snapshot(), id))).isSuperset(of: found))
        }
        #expect(store.snapshot().blocks(withIdentifier: "0123456789abcdef0123456789abcdef").count <= 1)
        store.close()
    }

    private struct Blocks: BlockSnapshot {
        let found: [any ColumnBlock]

        init(_ snapshot: StoreSnapshot, _ id: String) { found = snapshot.blocks(withIdentifier: ByteString(id)) }
        func blocks(in range: ClosedRange<Int64>) -> [any ColumnBlock] { found }
    }

    @Test func tenantsAndDaysAreKeptApart() async throws {
        let store = try Store("data", system: CrashableFileSystem(), options: Stores.quiet())
        let other = Tenant(account: 5, project: 2)
        // Ten rows a day over three days and a bit, in one batch, out of order.
        let batch = Rows.batch(0..<35, step: Rows.day / 10)
        try await store.append(batch.selecting(Array((0..<35).reversed())), mark: nil)
        try await store.append(Rows.batch(100..<110, tenant: other), mark: nil)
        try await store.flush()
        #expect(store.statistics.segments == 5)
        #expect(try Rows.numbers(store.snapshot()) == Array(0..<35))
        #expect(try Rows.numbers(store.snapshot(other)) == Array(100..<110))
        #expect(store.tenants == [.main, other])
        let dayTwo = (Rows.start + Rows.day)...(Rows.start + 2 * Rows.day - 1)
        #expect(try Rows.numbers(store.snapshot(), in: dayTwo) == Array(10..<20))
        store.close()
    }

    /// Forty days of ten rows each, and once more in another batch.
    @Test func daysWithFewRowsShareASegment() async throws {
        let disk = CrashableFileSystem()
        var options = Stores.quiet()
        options.sharedDayBytes = 32 << 10
        let store = try Store("data", system: disk, options: options)
        try await store.append(Rows.batch(0..<400, step: Rows.day / 10), mark: nil)
        try await store.flush()
        // 31 days at most have one segment.
        #expect(store.statistics.segments == 2)
        try await store.append(Rows.batch(0..<400, step: Rows.day / 10), mark: nil)
        try await store.flush()
        #expect(store.statistics.segments == 4)
        try await store.forceMerge()
        #expect(store.statistics.segments == 2)
        #expect(try Rows.numbers(store.snapshot()) == (0..<400).flatMap { [$0, $0] })
        let dayTwo = (Rows.start + Rows.day)...(Rows.start + 2 * Rows.day - 1)
        #expect(Set(try Rows.numbers(store.snapshot(), in: dayTwo)).isSuperset(of: 10..<20))
        store.close()
        let check = try FolderVerification("data", system: disk)
        #expect(check.isSound && check.segmentRows == 800, "\(check.problems)")
    }

    /// Rows outlive retention by an eighth of it at most, and a bound on bytes can drop days.
    @Test func daysShareLessWhereRowsExpire() {
        var options = StoreOptions()
        #expect(options.daySharing.days == 31)
        options.retentionNanoseconds = 40 * Rows.day
        #expect(options.daySharing.days == 5)
        options.retentionNanoseconds = Rows.day
        #expect(options.daySharing.days == 1)
        options.maximumBytes = 6_400
        #expect(options.daySharing.bytes == 100)
    }

    @Test func aRestartFindsEverythingWithOrWithoutClosing() async throws {
        let disk = CrashableFileSystem()
        let store = try Store("data", system: disk, options: Stores.quiet())
        try await store.append(Rows.batch(0..<10), mark: SourceMark(agent: "a", lastSequence: 10))
        try await store.flush()
        try await store.append(Rows.batch(10..<20), mark: SourceMark(agent: "a", lastSequence: 20))
        disk.losePower(at: disk.operations)
        let second = try Store("data", system: disk.restarted(seed: 1), options: Stores.quiet())
        #expect(try Rows.numbers(second.snapshot()) == Array(0..<20))
        #expect(await second.lastSequence(of: "a") == 20)
        second.close()
        store.close()
    }

    @Test func marksOutliveTheJournal() async throws {
        let disk = CrashableFileSystem()
        let store = try Store("data", system: disk, options: Stores.quiet())
        try await store.append(Rows.batch(0..<10), mark: SourceMark(agent: "a", lastSequence: 10))
        store.close()
        #expect(try disk.list("data/journal").isEmpty)
        let second = try Store("data", system: disk, options: Stores.quiet())
        #expect(await second.lastSequence(of: "a") == 10)
        try await second.append(Rows.batch(0..<10), mark: SourceMark(agent: "a", lastSequence: 10))
        #expect(try Rows.numbers(second.snapshot()) == Array(0..<10))
        second.close()
    }

    @Test func aSecondServerIsRefused() throws {
        let disk = CrashableFileSystem()
        let store = try Store("data", system: disk, options: Stores.quiet())
        #expect(throws: StoreError.inUse(folder: "data", processID: processID())) {
            try Store("data", system: disk, options: Stores.quiet())
        }
        #expect(throws: StoreError.self) { try ReadOnlyStore("data", system: disk) }
        #expect(throws: StoreError.self) { try FolderVerification("data", system: disk) }
        store.close()
        try Store("data", system: disk, options: Stores.quiet()).close()
    }

    @Test func mergingKeepsEveryRowAndDropsTheOldFiles() async throws {
        let disk = CrashableFileSystem()
        let store = try Store("data", system: disk, options: Stores.quiet())
        for start in stride(from: 0, to: 90, by: 10) {
            try await store.append(Rows.batch(start..<(start + 10)), mark: nil)
            try await store.flush()
        }
        #expect(store.statistics.segments == 9)
        let before = store.snapshot()
        while try store.mergeOnce() {}
        #expect(store.statistics.segments == 1)
        #expect(store.statistics.merges == 1)
        #expect(try Rows.numbers(store.snapshot()) == Array(0..<90))
        #expect(try Rows.numbers(before) == Array(0..<90), "a query that began before reads on")
        #expect(store.statistics.writeAmplification > 1)
        store.close()
        let check = try FolderVerification("data", system: disk)
        #expect(check.isSound && check.segmentRows == 90, "\(check.problems)")
    }

    @Test func backgroundWorkSealsAndMerges() async throws {
        var options = Stores.quiet()
        options.worksInBackground = true
        options.sealBytes = 2_000
        let store = try Store("data", system: CrashableFileSystem(), options: options)
        for start in stride(from: 0, to: 2_000, by: 50) {
            try await store.append(Rows.batch(start..<(start + 50)), mark: nil)
            #expect(try Rows.numbers(store.snapshot()) == Array(0..<(start + 50)))
        }
        try await store.flush()
        try await store.forceMerge()
        #expect(store.statistics.segments == 1)
        #expect(store.statistics.seals > 1)
        #expect(try Rows.numbers(store.snapshot()) == Array(0..<2_000))
        store.close()
    }

    @Test func aReadOnlyStoreSeesSegmentsAndJournal() async throws {
        let disk = CrashableFileSystem()
        let store = try Store("data", system: disk, options: Stores.quiet())
        try await store.append(Rows.batch(0..<10), mark: nil)
        try await store.flush()
        try await store.append(Rows.batch(10..<20), mark: nil)
        disk.losePower(at: disk.operations)
        let after = disk.restarted(seed: 2)
        let operations = after.operations
        let reader = try ReadOnlyStore("data", system: after)
        #expect(try Rows.numbers(reader.snapshot()) == Array(0..<20))
        #expect(reader.tenants == [.main])
        #expect(after.operations == operations, "reading changes nothing")
        #expect(throws: StoreError.noFolder("nowhere")) { try ReadOnlyStore("nowhere", system: after) }
        store.close()
    }
}

@Suite struct UpkeepTests {
    @Test func aBackupIsAFolderOfItsOwn() async throws {
        let disk = CrashableFileSystem()
        let store = try Store("data", system: disk, options: Stores.quiet())
        try await store.append(Rows.batch(0..<10), mark: SourceMark(agent: "a", lastSequence: 10))
        try await store.flush()
        try await store.append(Rows.batch(10..<20), mark: SourceMark(agent: "a", lastSequence: 20))
        let path = try await store.backUp("monday")
        try await store.append(Rows.batch(20..<30), mark: SourceMark(agent: "a", lastSequence: 30))
        try await store.forceMerge()
        await #expect(throws: FileError(.exists, "create", path)) { try await store.backUp("monday") }
        await #expect(throws: StoreError.badName("../x")) { try await store.backUp("../x") }
        disk.losePower(at: disk.operations)
        let after = disk.restarted(seed: 5)
        #expect(try FolderVerification(path, system: after).isSound)
        let copy = try Store(path, system: after, options: Stores.quiet())
        #expect(try Rows.numbers(copy.snapshot()) == Array(0..<20))
        #expect(await copy.lastSequence(of: "a") == 20)
        try await copy.append(Rows.batch(20..<21), mark: nil)
        copy.close()
        store.close()
    }

    /// Each copy holds at least what was acknowledged before it was asked for, without a gap.
    @Test func backupsUnderIngestAreWhole() async throws {
        let disk = CrashableFileSystem()
        var options = Stores.quiet()
        options.worksInBackground = true
        options.sealBytes = 1_500
        let store = try Store("data", system: disk, options: options)
        let acknowledged = Monitor(0)
        let sender = Task {
            for start in stride(from: 0, to: 6_000, by: 20) {
                try await store.append(Rows.batch(start..<(start + 20)), mark: nil)
                acknowledged.update { $0 = start + 20 }
                if Task.isCancelled { return }
            }
        }
        for copy in 0..<6 {
            let before = acknowledged.withLock { $0 }
            let path = try await store.backUp("copy-\(copy)")
            #expect(try FolderVerification(path, system: disk).isSound)
            let opened = try Store(path, system: disk, options: Stores.quiet())
            let numbers = try Rows.numbers(opened.snapshot())
            #expect(numbers == Array(0..<numbers.count) && numbers.count >= before, "copy \(copy)")
            opened.close()
        }
        sender.cancel()
        try await sender.value
        store.close()
    }

    /// Of several of one name, one is made, and those that fail do not take it away.
    @Test func backupsOfOneNameDoNotMeet() async throws {
        let disk = CrashableFileSystem()
        let store = try Store("data", system: disk, options: Stores.quiet())
        try await store.append(Rows.batch(0..<400), mark: nil)
        for round in 0..<20 {
            let made = await withTaskGroup(of: Bool.self) { tasks in
                for _ in 0..<4 { tasks.addTask { (try? await store.backUp("copy-\(round)")) != nil } }
                return await tasks.reduce(0) { $0 + ($1 ? 1 : 0) }
            }
            #expect(made == 1)
            #expect(try FolderVerification("data/snapshots/copy-\(round)", system: disk).segmentRows == 400)
        }
        store.close()
    }

    /// On a full disk a backup fails, and leaves nothing that takes room or could be mistaken for one.
    @Test func aBackupThatFailsLeavesNothing() async throws {
        let disk = CrashableFileSystem()
        let store = try Store("data", system: disk, options: Stores.quiet())
        try await store.append(Rows.batch(0..<10), mark: nil)
        try await store.flush()
        disk.fail("write", suffix: "monday/catalog.new", with: .noSpace, times: 1)
        await #expect(throws: FileError.self) { try await store.backUp("monday") }
        #expect(!disk.exists("data/snapshots/monday"))
        let path = try await store.backUp("monday")
        #expect(try FolderVerification(path, system: disk).segmentRows == 10)
        store.close()
    }

    /// The same on a real disk, which removes no folder that holds anything: not even an unfinished catalog.
    @Test func aBackupThatFailsOnARealDiskLeavesNothing() async throws {
        let system = RealFileSystem()
        let folder = "/tmp/plumb-tests/backup-\(systemEntropy())"
        try system.createDirectory(folder)
        let store = try Store(folder, system: FailingReplace(system), options: Stores.quiet())
        try await store.append(Rows.batch(0..<10), mark: nil)
        try await store.flush()
        await #expect(throws: FileError(.noSpace, "rename", folder + "/snapshots/monday/catalog.copy.new")) {
            try await store.backUp("monday")
        }
        #expect(!system.exists(folder + "/snapshots"))
        #expect(system.exists(folder + "/catalog"))
        store.close()
    }

    @Test func aNameLongerThanFileSystemsTakeIsRefused() async throws {
        let store = try Store("data", system: CrashableFileSystem(), options: Stores.quiet())
        await #expect(throws: StoreError.self) { try await store.backUp(String(repeating: "a", count: 256)) }
        store.close()
    }

    @Test func manySmallGroupsBecomeFewBlocks() async throws {
        var options = Stores.quiet()
        options.worksInBackground = true
        // However slow the machine is, age must not seal what is counted here.
        options.sealAgeNanoseconds = Int64.max
        let disk = CrashableFileSystem()
        let store = try Store("data", system: disk, options: options)
        for number in 0..<500 { try await store.append(Rows.batch(number..<(number + 1)), mark: nil) }
        let before = store.snapshot()
        while store.snapshot().blocks(in: .min ... .max).count > 150 { await Task.yield() }
        #expect(try Rows.numbers(store.snapshot()) == Array(0..<500))
        #expect(try Rows.numbers(before) == Array(0..<500))
        #expect(store.statistics.memoryRows == 500)
        try await store.append(Rows.batch(500..<510), mark: nil)
        try await store.flush()
        #expect(try Rows.numbers(store.snapshot()) == Array(0..<510))
        #expect(store.statistics.memoryBytes == 0 && store.statistics.journal.fileCount == 0)
        store.close()
        #expect(try FolderVerification("data", system: disk).segmentRows == 510)
    }

    /// Through the journal, through the catalog, and as a repetition within the tenant.
    @Test func tenantsDoNotShareAnAgentsNumbering() async throws {
        let other = Tenant(account: 7, project: 1)
        let disk = CrashableFileSystem()
        let mark = SourceMark(agent: "a", lastSequence: 4)
        var store = try Store("data", system: disk, options: Stores.quiet())
        try await store.append(Rows.batch(0..<4), mark: mark)
        try await store.append(Rows.batch(0..<4, tenant: other), mark: mark)
        for seals in [false, true] {
            if seals { try await store.flush() }
            store.close()
            store = try Store("data", system: disk, options: Stores.quiet())
            #expect(await store.lastSequence(of: "a") == 4)
            #expect(await store.lastSequence(of: "a", tenant: other) == 4)
            #expect(await store.lastSequence(of: "a", tenant: Tenant(account: 7, project: 2)) == 0)
            try await store.append(Rows.batch(0..<4, tenant: other), mark: mark)
            #expect(try Rows.numbers(store.snapshot()) == Array(0..<4))
            #expect(try Rows.numbers(store.snapshot(other)) == Array(0..<4))
        }
        store.close()
    }
}
