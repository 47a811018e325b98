import Bytes
import Journal
import Machine
import Records
import Testing

/// The versions as they lie on disks out there: what is written today is the same bytes as the newest, and all of them
/// are read. `PLUMB_WRITE_GOLDEN=1` writes the newest file anew, which only a new version number justifies.
@Suite struct GoldenTests {
    private static let newest = 2

    private func path(_ version: Int) -> String {
        parentDirectory(of: parentDirectory(of: parentDirectory(of: #filePath)))
            + "/Corpora/Formats/journal-\(version).plj"
    }

    @Test func theNewestVersionStays() async throws {
        let rig = try Rig(CrashableFileSystem())
        let other = Tenant(account: 3, project: 70_000)
        try await rig.journal.append(Rows.batch(0..<3), mark: SourceMark(agent: "agent-ä", lastSequence: 300))
        try await rig.journal.append(Rows.batch(200..<202, tenant: other), mark: nil)
        try await rig.journal.append(RecordBatch(), mark: SourceMark(agent: "b", lastSequence: 1))
        rig.journal.close()
        let written = try rig.disk.readAll("data/journal/0000000001.plj")
        if Environment.writesGolden { try RealFileSystem().replace(path(Self.newest), with: written.rawSpan) }
        #expect(try written == RealFileSystem().readAll(path(Self.newest)))
    }

    @Test(arguments: 1...newest) func everyVersionIsRead(version: Int) throws {
        let other = Tenant(account: 3, project: 70_000)
        let golden = try RealFileSystem().readAll(path(version))
        let disk = CrashableFileSystem()
        try disk.createDirectory("data/journal")
        try disk.open("data/journal/0000000001.plj", .createNew).write(golden.rawSpan, at: 0)
        let replay = try JournalReplay(disk, directory: "data/journal", after: .beginning)
        #expect(replay.damage.isEmpty && replay.dropped.isEmpty && replay.lastGroup.group == 3)
        #expect(try Rows.numbers(replay) == [0, 1, 2, 200, 201])
        #expect(replay.groups.flatMap(\.entries).map(\.tenant) == [.main, other, .main])
        #expect(replay.groups.flatMap(\.entries).flatMap(\.marks).map(\.agent) == ["agent-ä", "b"])
    }
}
