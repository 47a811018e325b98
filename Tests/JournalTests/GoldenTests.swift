import Bytes
import Journal
import Machine
import Records
import Testing

/// Version 1 as it lies on disks out there: what is written today is the same bytes, and those bytes are read.
/// `PLUMB_WRITE_GOLDEN=1` writes the file anew, which only a new version number justifies.
@Suite struct GoldenTests {
    private let path =
        parentDirectory(of: parentDirectory(of: parentDirectory(of: #filePath))) + "/Corpora/Formats/journal-1.plj"

    @Test func versionOneStays() async throws {
        let rig = try Rig(CrashableFileSystem())
        let other = Tenant(account: 3, project: 70_000)
        try await rig.journal.append(Rows.batch(0..<3), mark: SourceMark(agent: "agent-ä", lastSequence: 300))
        try await rig.journal.append(Rows.batch(200..<202, tenant: other), mark: nil)
        try await rig.journal.append(RecordBatch(), mark: SourceMark(agent: "b", lastSequence: 1))
        rig.journal.close()
        let written = try rig.disk.readAll("data/journal/0000000001.plj")
        if Environment.writesGolden { try RealFileSystem().replace(path, with: written.rawSpan) }
        let golden = try RealFileSystem().readAll(path)
        #expect(written == golden)

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
