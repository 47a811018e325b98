import Bytes
import Machine
import Testing

@Suite struct CrashableFileSystemTests {
    private func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

    @Test(arguments: 0..<50) func syncedBytesUnderSyncedNamesSurvive(seed: UInt64) throws {
        let disk = CrashableFileSystem()
        try disk.createDirectory("d")
        let file = try disk.open("d/a", .createNew)
        try file.write(bytes("kept").rawSpan, at: 0)
        try file.sync()
        try disk.syncDirectory("d")
        try file.write(bytes("lost or not").rawSpan, at: 4)
        let after = disk.restarted(seed: seed)
        let read = try after.readAll("d/a")
        #expect(read.starts(with: bytes("kept")), "seed \(seed)")
    }

    @Test func unsyncedNamesAndBytesAreLostForSomeSeed() throws {
        let disk = CrashableFileSystem()
        try disk.createDirectory("d")
        let file = try disk.open("d/a", .createNew)
        try file.write(bytes(String(repeating: "x", count: 2_000)).rawSpan, at: 0)
        var outcomes = Set<Int>()
        for seed in 0..<200 {
            let after = disk.restarted(seed: UInt64(seed))
            outcomes.insert(after.exists("d/a") ? try after.size(of: "d/a") : -1)
        }
        #expect(outcomes.contains(-1))
        #expect(outcomes.contains(0))
        #expect(outcomes.contains(2_000))
        #expect(outcomes.count > 10, "torn at many places")
    }

    @Test func afterAFailedSyncTheBytesAreGoneForGood() throws {
        let disk = CrashableFileSystem()
        try disk.createDirectory("d")
        let file = try disk.open("d/a", .createNew)
        try disk.syncDirectory("d")
        try file.write(bytes("doubtful").rawSpan, at: 0)
        disk.fail("sync", with: .inputOutput)
        #expect(throws: FileError(.inputOutput, "sync", "d/a")) { try file.sync() }
        try file.sync()
        #expect(try disk.readAll("d/a") == bytes("doubtful"))
        // The second sync succeeded and stored what the page cache held dirty: nothing.
        try file.write(bytes("!").rawSpan, at: 8)
        let kept = try disk.restarted(seed: 1).readAll("d/a")
        #expect(!kept.starts(with: bytes("doubtful")) || kept.isEmpty)
    }

    @Test func aFullDiskTakesWhatFits() throws {
        let disk = CrashableFileSystem(capacity: 10)
        try disk.createDirectory("d")
        let file = try disk.open("d/a", .createNew)
        #expect(throws: FileError(.noSpace, "write", "d/a")) { try file.write(bytes("0123456789abc").rawSpan, at: 0) }
        #expect(try file.size() == 10)
        try file.truncate(to: 0)
        #expect(try disk.freeBytes(at: "d") == 10)
    }

    @Test func withoutPowerNothingWorks() throws {
        let disk = CrashableFileSystem()
        try disk.createDirectory("d")
        let file = try disk.open("d/a", .createNew)
        disk.losePower(at: disk.operations)
        #expect(throws: FileError.self) { try file.write(bytes("x").rawSpan, at: 0) }
        #expect(throws: FileError.self) { try disk.list("d") }
        #expect(throws: FileError.self) { try disk.open("d/a", .read) }
    }
}
