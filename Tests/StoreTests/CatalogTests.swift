import Bytes
import Foundation
import Machine
import Records
import Store
import Testing

@Suite struct CatalogTests {
    private static let formats =
        parentDirectory(of: parentDirectory(of: parentDirectory(of: #filePath))) + "/Corpora/Formats/"

    private var state: CatalogState {
        var state = CatalogState()
        state.generation = 7
        state.sealedThrough = JournalPosition(group: 1_000)
        state.nextSegment = 12
        state.sealedBytes = 5_000_000_000
        state.mergedBytes = 300
        state.expiredRows = 1
        state.marks = ["agent-ä": 18_446_744_073_709_551_615, "b": 1]
        state.segments = [
            SegmentEntry(
                number: 11, tenant: Tenant(account: 1, project: 4_294_967_295), day: -1, rows: 3, bytes: 400,
                rawBytes: 2_000, timeRange: -5...(-1), level: 2),
            SegmentEntry(
                number: 4, tenant: .main, day: 20_514, rows: 70_000, bytes: 1_400_000, rawBytes: 9_999_999,
                timeRange: Rows.start...(Rows.start + 1), level: 0),
        ]
        return state
    }

    private var stateWithDeletions: CatalogState {
        var state = state
        state.deletedRows = 70_001
        state.deletions = [
            Deletion(
                number: 6, tenant: Tenant(account: 1, project: 4_294_967_295), filter: "{service=\"ä\"} or x:1",
                acceptedAt: -1, through: JournalPosition(group: 1_001), segments: [11]),
            Deletion(
                number: 7, tenant: .main, filter: "*", acceptedAt: Rows.start, through: JournalPosition(group: 3),
                segments: [4, 300, 70_000]),
        ]
        return state
    }

    /// What was written by earlier versions stays readable; see the journal's golden test.
    @Test func versionOneIsStillRead() throws {
        #expect(try FolderCatalog(RealFileSystem(), path: Self.formats + "catalog-1").load() == state)
    }

    @Test func versionTwoStays() throws {
        let disk = CrashableFileSystem()
        try disk.createDirectory("d")
        try FolderCatalog(disk, path: "d/catalog").replace(with: stateWithDeletions)
        let written = try disk.readAll("d/catalog")
        let path = Self.formats + "catalog-2"
        if ProcessInfo.processInfo.environment["PLUMB_WRITE_GOLDEN"] != nil {
            try RealFileSystem().replace(path, with: written.rawSpan)
        }
        #expect(try RealFileSystem().readAll(path) == written)
        #expect(try FolderCatalog(RealFileSystem(), path: path).load() == stateWithDeletions)
    }

    @Test func aCatalogCutAnywhereIsRefused() throws {
        let disk = CrashableFileSystem()
        try disk.createDirectory("d")
        let catalog = FolderCatalog(disk, path: "d/catalog")
        #expect(try catalog.load() == nil)
        try catalog.replace(with: stateWithDeletions)
        for size in (0..<(try disk.size(of: "d/catalog"))).reversed() {
            try disk.open("d/catalog", .readWrite).truncate(to: size)
            #expect(throws: CorruptionError.self, "cut at \(size)") { try catalog.load() }
        }
    }

    /// Fewer merges than fan-in never rewrite a row; each level rewrites it once.
    @Test(arguments: [8, 64, 200]) func mergingRewritesARowOnceALevel(seals: Int) {
        var segments: [SegmentEntry] = []
        var written = 0
        var number: UInt64 = 0
        func add(rows: Int, level: Int) {
            number += 1
            written += rows
            segments.append(
                SegmentEntry(
                    number: number, tenant: .main, day: 1, rows: rows, bytes: rows, rawBytes: rows, timeRange: 0...1,
                    level: level))
        }
        for _ in 0..<seals {
            add(rows: 1, level: 0)
            while let plan = MergePlan.next(segments, fanIn: 8, maximumBytes: 1 << 30) {
                let gone = Set(plan.inputs.map(\.number))
                segments.removeAll { gone.contains($0.number) }
                add(rows: plan.inputs.reduce(0) { $0 + $1.rows }, level: plan.level)
            }
        }
        #expect(segments.reduce(0) { $0 + $1.rows } == seals)
        #expect(segments.count < 8 * 3)
        #expect(Double(written) / Double(seals) <= 1 + log2(Double(seals)) / 3)
    }
}
