import Bytes
import Machine
import Records
import Store
import Testing

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
        #expect(throws: CorruptionError.self) { try Store("data", system: disk, options: Stores.quiet()) }
        #expect(try disk.list("data/segments").count == 2)
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
}
