import Bytes
import Foundation
import Machine
import Records
import Search
import Store
import Testing
import Traces

@Suite struct DamageTests {
    private func stored(_ disk: CrashableFileSystem) async throws {
        let store = try Store("data", system: disk, options: Stores.quiet())
        for start in [0, 100] {
            try await store.append(Rows.batch(start..<(start + 100)), mark: nil)
            try await store.flush()
        }
        store.close()
    }

    @Test func anySingleBitFlipInASegmentIsNoticedAndTheRestStaysReadable() async throws {
        let disk = CrashableFileSystem()
        try await stored(disk)
        let path = "data/segments/" + (try disk.list("data/segments"))[0]
        let size = try disk.size(of: path)
        for offset in stride(from: 0, to: size, by: 37) {
            disk.flipBit(offset % 8, at: offset, of: path)
            let check = try FolderVerification("data", system: disk)
            #expect(!check.isSound, "byte \(offset)")
            #expect(check.problems.allSatisfy { $0.contains(path) }, "byte \(offset): \(check.problems)")
            let store = try ReadOnlyStore("data", system: disk)
            let blocks = store.snapshot().blocks(in: .min ... .max)
            let sound = blocks.filter { block in (try? block.column("n")) != nil }
            #expect(sound.reduce(0) { $0 + $1.rowCount } >= 100, "byte \(offset)")
            disk.flipBit(offset % 8, at: offset, of: path)
        }
        #expect(try FolderVerification("data", system: disk).isSound)
    }

    @Test func aQuarantinedBlockIsLeftOutAndNeverMergedAway() async throws {
        let disk = CrashableFileSystem()
        try await stored(disk)
        let path = "data/segments/" + (try disk.list("data/segments"))[0]
        let store = try Store("data", system: disk, options: Stores.quiet())
        store.quarantine(CorruptionError("checksum", offset: 40, file: path))
        _ = store.snapshot().blocks(in: .min ... .max)
        store.quarantine(CorruptionError("checksum", offset: 40, file: path))
        #expect(try Rows.numbers(store.snapshot()) == Array(100..<200))
        #expect(store.snapshot().damagedSegments == 1)
        #expect(store.statistics.damage.map(\.file) == [path])
        try await store.forceMerge()
        store.close()
        #expect(disk.exists(path))
    }

    @Test func aLostCatalogIsNotTakenForAnEmptyStore() async throws {
        let disk = CrashableFileSystem()
        try await stored(disk)
        try disk.remove("data/catalog")
        let copied = try disk.readAll("data/catalog.copy")
        try disk.remove("data/catalog.copy")
        #expect(throws: CorruptionError.self) { try Store("data", system: disk, options: Stores.quiet()) }
        #expect(try disk.list("data/segments").count == 2)
        let check = try FolderVerification("data", system: disk)
        #expect(check.problems == ["data/catalog: missing, although there are 2 segments or a journal"])
        try disk.replace("data/catalog.copy", with: copied.rawSpan)
        let store = try Store("data", system: disk, options: Stores.quiet())
        #expect(try Rows.numbers(store.snapshot()) == Array(0..<200))
        #expect(store.startNotes.count == 1)
        store.close()
    }

    /// Whatever bit turns in the catalog, a start takes its copy, says so and keeps the damaged one.
    @Test func aDamagedCatalogIsReplacedByItsCopy() async throws {
        let disk = CrashableFileSystem()
        try await stored(disk)
        for offset in 0..<(try disk.size(of: "data/catalog")) {
            disk.flipBit(offset % 8, at: offset, of: "data/catalog")
            let damaged = try disk.readAll("data/catalog")
            let check = try FolderVerification("data", system: disk)
            #expect(check.problems.count == 1 && check.notes.contains { $0.contains("catalog.copy: sound") })
            let store = try Store("data", system: disk, options: Stores.quiet())
            #expect(try Rows.numbers(store.snapshot()) == Array(0..<200), "byte \(offset)")
            #expect(store.startNotes.contains { $0.contains("its copy was taken") }, "\(store.startNotes)")
            #expect(try disk.readAll("data/catalog.damaged") == damaged)
            store.close()
            #expect(try FolderVerification("data", system: disk).isSound)
            try disk.remove("data/catalog.damaged")
        }
    }

    /// A copy of another time would give rows up: an earlier version of the program replaced the catalog alone.
    @Test(arguments: ["catalog", "catalog.copy"])
    func aCopyThatDoesNotFitTheSegmentsIsNotTaken(older: String) async throws {
        let disk = CrashableFileSystem()
        let store = try Store("data", system: disk, options: Stores.quiet())
        try await store.append(Rows.batch(0..<100), mark: nil)
        try await store.flush()
        let before = try disk.readAll("data/catalog.copy")
        try await store.append(Rows.batch(100..<200), mark: nil)
        try await store.flush()
        store.close()
        let now = try disk.readAll("data/catalog")
        try disk.replace("data/" + older, with: before.rawSpan)
        if older == "catalog" {
            // The reverse, of a crash between the two: with a sound catalog the copy is brought in line.
            let again = try Store("data", system: disk, options: Stores.quiet())
            again.close()
            #expect(try disk.readAll("data/catalog.copy") == disk.readAll("data/catalog"))
            return
        }
        disk.flipBit(3, at: 20, of: "data/catalog")
        let refusal = #expect(throws: CorruptionError.self) {
            try Store("data", system: disk, options: Stores.quiet())
        }
        #expect(refusal?.reason.contains("does not list segment") ?? false, "\(String(describing: refusal))")
        #expect(try disk.list("data/segments").count == 2)
        disk.flipBit(3, at: 20, of: "data/catalog")
        #expect(try disk.readAll("data/catalog") == now)
        let again = try Store("data", system: disk, options: Stores.quiet())
        #expect(try Rows.numbers(again.snapshot()) == Array(0..<200))
        again.close()
    }

    @Test func aDamagedCatalogIsRefusedWithItsPlace() async throws {
        let disk = CrashableFileSystem()
        try await stored(disk)
        for offset in 0..<(try disk.size(of: "data/catalog")) {
            disk.flipBit(offset % 8, at: offset, of: "data/catalog")
            #expect(throws: CorruptionError.self, "byte \(offset)") { try ReadOnlyStore("data", system: disk) }
            disk.flipBit(offset % 8, at: offset, of: "data/catalog")
        }
    }

    @Test func damageInTheJournalIsReportedAndKept() async throws {
        let disk = CrashableFileSystem()
        let store = try Store("data", system: disk, options: Stores.quiet())
        for start in [0, 100, 200] { try await store.append(Rows.batch(start..<(start + 100)), mark: nil) }
        disk.losePower(at: disk.operations)
        let after = disk.restarted(seed: 1)
        let path = "data/journal/" + (try after.list("data/journal"))[0]
        // Behind the last group stand zeros for further ones.
        let used = try after.readAll(path).lastIndex { $0 != 0 }!
        after.flipBit(3, at: used / 2, of: path)
        let again = try Store("data", system: after, options: Stores.quiet())
        #expect(try Rows.numbers(again.snapshot()) == Array(0..<100) + Array(200..<300))
        #expect(again.statistics.damage.first?.file == path)
        try await again.flush()
        #expect(try after.list("data/journal") == [lastComponent(of: path) + ".damaged"])
        again.close()
        store.close()
    }

    /// Whatever bit has turned: an answer is whole, or says that it is not.
    @Test func noLookupIsSilentlyShort() async throws {
        let disk = CrashableFileSystem()
        try await stored(disk)
        let path = "data/segments/" + (try disk.list("data/segments"))[0]
        for offset in stride(from: 0, to: try disk.size(of: path), by: 23) {
            disk.flipBit(offset % 8, at: offset, of: path)
            let store = try Store("data", system: disk, options: Stores.quiet())
            for trace in [0, 13, 24, 25, 49] {
                let note = try lookUp(trace, store, place: "byte \(offset)")
                if trace >= 25 { #expect(note == nil || store.statistics.damage.allSatisfy { $0.file == path }) }
            }
            // Comes to an end, and takes nothing that is damaged along.
            _ = try store.mergeOnce()
            try await store.forceMerge()
            #expect(try Rows.numbers(store.snapshot(), in: Rows.start + 100_000_000 ... .max) == Array(100..<200))
            store.close()
            let check = try FolderVerification("data", system: disk)
            #expect(disk.exists(path) || check.isSound, "byte \(offset)")
            guard disk.exists(path) else { return }
            disk.flipBit(offset % 8, at: offset, of: path)
        }
    }

    /// Four rows have each trace. Answers what the answer says of itself.
    private func lookUp(_ trace: Int, _ store: Store, place: String) throws -> String? {
        for _ in 0..<10 {
            let snapshot = store.snapshot()
            do {
                let found = try TraceLookup.find(ByteString(Rows.trace(trace)), in: snapshot)
                #expect(found.records.count == 4 || snapshot.damageNote != nil, "\(place), trace \(trace)")
                #expect(found.records.count == 4 || trace < 25, "\(place), trace \(trace)")
                return snapshot.damageNote
            } catch let error as CorruptionError {
                #expect(error.file != nil, "\(place)")
                store.quarantine(error)
            }
        }
        Issue.record("\(place): never answered")
        return nil
    }

    /// A block of the memory table that is read in place from the journal goes bad while the server runs: it must not
    /// hold up the sealing of all others for ever.
    @Test func aBlockThatGoesBadInTheJournalDoesNotStopSealing() async throws {
        let system = RealFileSystem()
        let folder = FileManager.default.temporaryDirectory.path + "/plumb-store-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let first = try Store(folder + "/a", system: system, options: Stores.quiet())
        for start in [0, 100, 200] { try await first.append(Rows.batch(start..<(start + 100)), mark: nil) }
        // As a crash would leave it.
        try system.createDirectory(folder + "/b/journal")
        let file = try system.list(folder + "/a/journal")[0]
        var bytes = try system.readAll(folder + "/a/journal/" + file)
        try system.replace(folder + "/b/journal/" + file, with: bytes.rawSpan)
        first.close()
        let store = try Store(folder + "/b", system: system, options: Stores.quiet())
        #expect(try Rows.numbers(store.snapshot()) == Array(0..<300))
        let used = bytes.lastIndex { $0 != 0 }!
        bytes[used / 2] ^= 8
        let journal = try system.open(folder + "/b/journal/" + file, .readWrite)
        try journal.write([bytes[used / 2]].rawSpan, at: used / 2)
        try await store.flush()
        #expect(try Rows.numbers(store.snapshot()) == Array(0..<100) + Array(200..<300))
        #expect(store.statistics.damage.first?.file == folder + "/b/journal/" + file)
        #expect(store.snapshot().damageNote != nil)
        #expect(system.exists(folder + "/b/journal/" + file + ".damaged"))
        store.close()
    }

    /// A file that is cut short under a running store: its pages are gone from one access to the next. Whatever was
    /// read before, what is lost is said, no zero becomes an answer, and the rest answers.
    @Test(arguments: [0.0, 0.3, 0.7, 0.999], [false, true])
    func aSegmentCutShortUnderTheStoreIsLeftOutAndSaid(share: Double, isReadBefore: Bool) async throws {
        let system = RealFileSystem()
        let folder = FileManager.default.temporaryDirectory.path + "/plumb-store-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let store = try Store(folder, system: system, options: Stores.quiet())
        for start in [0, 40_000] {
            try await store.append(Rows.batch(start..<(start + 40_000)), mark: nil)
            try await store.flush()
        }
        let path = folder + "/segments/" + (try system.list(folder + "/segments"))[0]
        let open = store.snapshot().blocks(in: .min ... .max)
        if isReadBefore { for block in open { _ = try block.column("_msg") } }
        _ = try lookUp(5, store, place: "before")
        let size = try system.size(of: path)
        try system.open(path, .readWrite).truncate(to: Int(Double(size) * share))
        // Blocks that a query holds already.
        for block in open where block.timeRange.lowerBound < Rows.start + 40_000_000_000 {
            guard let numbers = try? block.column("n"), let messages = try? block.column("_msg") else { continue }
            for row in 0..<block.rowCount {
                let text = "row \(numbers.value(row).string) of many"
                guard messages.value(row).string == text else {
                    Issue.record("\(messages.value(row).string), not \(text)")
                    return
                }
            }
        }
        for trace in [3, 5_000, 9_999] {
            let snapshot = store.snapshot()
            let found = try TraceLookup.find(ByteString(Rows.trace(trace)), in: snapshot)
            #expect(found.records.count == 4 || snapshot.damageNote != nil)
        }
        let left = try Rows.numbers(store.snapshot())
        #expect(left.count < 80_000 || share > 0.99)
        #expect(left.suffix(40_000) == Array(40_000..<80_000))
        #expect(store.snapshot().damageNote == "1 damaged segments were left out")
        #expect(store.statistics.damage.first?.file == path)
        try await store.forceMerge()
        store.close()
        #expect(system.exists(path), "kept for whoever wants to repair it")
    }
}
