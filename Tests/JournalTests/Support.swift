import Bytes
import Journal
import Machine
import Records

/// Batches whose rows say which they are, and a plain encoding that reads them back.
enum Rows {
    static func batch(_ numbers: Range<Int>, tenant: Tenant = .main) -> RecordBatch {
        RecordBatch(
            rows: numbers.map {
                (time: Int64($0), fields: [("n", "\($0)"), ("pad", String(repeating: "x", count: $0 % 7))])
            },
            tenant: tenant)
    }

    static let encode: Journal.Encode = { batch in
        var writer = ByteWriter()
        let column = batch.columnIndex("n")!
        for row in 0..<batch.rowCount {
            writer.writeVarint(Int(ByteString(batch.value(row: row, column: column)).string)!)
        }
        return writer.bytes
    }

    static func decode(_ bytes: RawSpan) throws -> [Int] {
        var reader = ByteReader(bytes)
        var numbers: [Int] = []
        while reader.remaining > 0 { numbers.append(Int(try reader.readVarint())) }
        return numbers
    }

    static func numbers(_ group: ReplayedGroup) throws -> [Int] {
        try group.entries.flatMap { entry in
            try decode(group.bytes.bytes.slice(group.payloadOffset + entry.block.lowerBound, entry.block.count))
        }
    }

    static func numbers(_ replay: JournalReplay) throws -> [Int] { try replay.groups.flatMap(numbers) }
}

/// A journal on a test disk that remembers what it was told to show.
struct Rig {
    let disk: CrashableFileSystem
    let replay: JournalReplay
    let journal: Journal
    let shown = Monitor([Int]())

    init(
        _ disk: CrashableFileSystem, after floor: JournalPosition = .beginning,
        options: JournalOptions = Rig.options(), onCommit: @escaping @Sendable (CommittedGroup) -> Bool = { _ in false }
    ) throws {
        self.disk = disk
        try disk.createDirectory("data")
        replay = try JournalReplay(disk, directory: "data/journal", after: floor)
        var marks: [String: UInt64] = [:]
        for mark in replay.groups.flatMap(\.entries).flatMap(\.numberings) {
            marks[mark.agent] = max(marks[mark.agent] ?? 0, mark.lastSequence)
        }
        journal = try Journal(
            disk, directory: "data/journal", options: options, replay: replay, marks: marks, encode: Rows.encode,
            commit: { [shown] group in
                let rows = group.entries.flatMap { entry in
                    try! Rows.decode(group.payload.bytes.slice(entry.head.block.lowerBound, entry.head.block.count))
                }
                shown.update { $0 += rows }
                return onCommit(group)
            })
    }

    static func options(fileBytes: Int = 1 << 20) -> JournalOptions {
        var options = JournalOptions()
        options.fileBytes = fileBytes
        options.reserveBytes = 0
        options.recoveryNanoseconds = 2_000_000
        return options
    }
}
