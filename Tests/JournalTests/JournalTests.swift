import Bytes
import Journal
import Machine
import Records
import Testing

@Suite struct JournalTests {
    @Test func whatWasAnsweredIsShownAndReplayed() async throws {
        let rig = try Rig(CrashableFileSystem())
        for start in stride(from: 0, to: 100, by: 10) {
            let position = try await rig.journal.append(Rows.batch(start..<(start + 10)), mark: nil)
            #expect(position.group == UInt64(start / 10 + 1))
            #expect(rig.shown.withLock { $0.count } == start + 10, "visible before the answer")
        }
        rig.journal.close()
        await #expect(throws: SinkError.closed) { try await rig.journal.append(Rows.batch(0..<1), mark: nil) }
        let again = try Rig(rig.disk)
        #expect(try Rows.numbers(again.replay) == Array(0..<100))
        #expect(again.replay.dropped.isEmpty && again.replay.damage.isEmpty)
        #expect(try await again.journal.append(Rows.batch(100..<101), mark: nil).group == 11)
        again.journal.close()
    }

    @Test func manyCallersShareGroupsAndKeepTenantsApart() async throws {
        let rig = try Rig(CrashableFileSystem())
        let other = Tenant(account: 7, project: 1)
        await withTaskGroup(of: Void.self) { group in
            for number in 0..<500 {
                group.addTask {
                    let tenant = number % 2 == 0 ? Tenant.main : other
                    _ = try? await rig.journal.append(Rows.batch(number..<(number + 1), tenant: tenant), mark: nil)
                }
            }
        }
        rig.journal.close()
        let replay = try JournalReplay(rig.disk, directory: "data/journal", after: .beginning)
        #expect(try Rows.numbers(replay).sorted() == Array(0..<500))
        for group in replay.groups {
            for entry in group.entries {
                let start = group.payloadOffset + entry.block.lowerBound
                let numbers = try Rows.decode(group.bytes.bytes.slice(start, entry.block.count))
                #expect(numbers.allSatisfy { ($0 % 2 == 0) == (entry.tenant == .main) })
                #expect(numbers.count == entry.rowCount)
            }
        }
    }

    /// A sync that changes neither the length nor the blocks of a file has less to write.
    @Test func smallGroupsGoIntoZerosWrittenAhead() async throws {
        let rig = try Rig(CrashableFileSystem())
        var sizes: [Int] = []
        for start in 0..<40 {
            _ = try await rig.journal.append(Rows.batch(start..<(start + 1)), mark: nil)
            sizes.append(try rig.disk.size(of: "data/journal/0000000001.plj"))
        }
        #expect(Set(sizes).count == 1)
        // As a kill would leave it.
        let replay = try JournalReplay(rig.disk, directory: "data/journal", after: .beginning)
        #expect(try Rows.numbers(replay) == Array(0..<40))
        #expect(replay.dropped.isEmpty && replay.damage.isEmpty)
        rig.journal.close()
        #expect(try rig.disk.size(of: "data/journal/0000000001.plj") < sizes[0])
        let last = try rig.disk.readAll("data/journal/0000000001.plj").suffix(64)
        #expect(last.contains { $0 != 0 })
    }

    @Test func aTornTailAtEveryByteKeepsAllBeforeIt() async throws {
        let rig = try Rig(CrashableFileSystem())
        for start in 0..<5 { _ = try await rig.journal.append(Rows.batch(start..<(start + 1)), mark: nil) }
        rig.journal.close()
        let path = "data/journal/" + (try rig.disk.list("data/journal"))[0]
        let whole = try rig.disk.readAll(path)
        var seen = Set<Int>()
        for length in 0..<whole.count {
            let disk = CrashableFileSystem()
            try disk.createDirectory("data/journal")
            let cut = Array(whole[..<length])
            try disk.open(path, .createNew).write(cut.rawSpan, at: 0)
            let replay = try JournalReplay(disk, directory: "data/journal", after: .beginning)
            #expect(replay.damage.isEmpty, "cut at \(length)")
            let rows = try Rows.numbers(replay)
            #expect(rows == Array(0..<rows.count), "cut at \(length)")
            #expect(replay.lastGroup.group == UInt64(rows.count))
            let kept = replay.dropped.first?.offset ?? length
            #expect(replay.dropped.allSatisfy { $0.bytes == length - kept && $0.path == path }, "cut at \(length)")
            seen.insert(rows.count)
        }
        #expect(seen == [0, 1, 2, 3, 4])
    }

    @Test func damageBetweenGoodGroupsIsReportedWithItsPlace() async throws {
        let rig = try Rig(CrashableFileSystem())
        for start in 0..<5 { _ = try await rig.journal.append(Rows.batch(start..<(start + 1)), mark: nil) }
        rig.journal.close()
        let path = "data/journal/" + (try rig.disk.list("data/journal"))[0]
        let size = try rig.disk.size(of: path)
        let clean = try JournalReplay(rig.disk, directory: "data/journal", after: .beginning)
        let starts = clean.groups.map { $0.payloadOffset - 32 }
        for offset in 0..<starts[4] {
            rig.disk.flipBit(offset % 8, at: offset, of: path)
            let replay = try JournalReplay(rig.disk, directory: "data/journal", after: .beginning)
            let rows = try Rows.numbers(replay)
            if offset < starts[0] {
                #expect(rows == [0, 1, 2, 3, 4], "the header matters to nobody but the reader who checks it")
                #expect(replay.damage.first?.offset == 0 && replay.damage.first?.file == path, "byte \(offset)")
            } else {
                let hit = starts.lastIndex { $0 <= offset }!
                #expect(rows == [0, 1, 2, 3, 4].filter { $0 != hit }, "byte \(offset)")
                #expect(replay.damage.first?.offset == starts[hit] && replay.damage.first?.file == path)
            }
            rig.disk.flipBit(offset % 8, at: offset, of: path)
        }
        #expect(try rig.disk.size(of: path) == size)
    }

    @Test func filesAreOfBoundedSizeAndRemovedWhenSealed() async throws {
        let rig = try Rig(CrashableFileSystem(), options: Rig.options(fileBytes: 200))
        for start in 0..<50 { _ = try await rig.journal.append(Rows.batch(start..<(start + 1)), mark: nil) }
        #expect(rig.journal.status.fileCount > 5)
        try rig.journal.removeFiles(through: JournalPosition(group: 30))
        let replay = try JournalReplay(rig.disk, directory: "data/journal", after: JournalPosition(group: 30))
        #expect(try Rows.numbers(replay) == Array(30..<50))
        #expect(replay.damage.isEmpty)
        let missing = try JournalReplay(rig.disk, directory: "data/journal", after: JournalPosition(group: 5))
        #expect(!missing.damage.isEmpty, "groups that should be there and are not")
        rig.journal.beginNewFile()
        try rig.journal.removeFiles(through: JournalPosition(group: 50))
        #expect(try rig.disk.list("data/journal").isEmpty)
        #expect(try await rig.journal.append(Rows.batch(50..<51), mark: nil).group == 51)
        rig.journal.close()
    }
}
