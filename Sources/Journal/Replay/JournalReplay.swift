import Bytes
import Machine
import Records

/// A commit group as it stands in a journal file.
public struct ReplayedGroup: Sendable {
    public var position: JournalPosition
    public var entries: [GroupEntry]
    /// The whole file.
    public var bytes: SharedBytes
    /// Where the payload begins in the file; the entries' block ranges count from here.
    public var payloadOffset: Int
    public var path: String
}

/// The unfinished end of a file: a write that a crash cut short, never acknowledged.
public struct DroppedTail: Sendable, Equatable, CustomStringConvertible {
    public var path: String
    public var offset: Int
    public var bytes: Int

    public var description: String { "\(path): dropped \(bytes) bytes of an unfinished write at byte \(offset)" }
}

/// What the journal of a data folder holds.
public struct JournalReplay: Sendable {
    /// In order, each group once.
    public internal(set) var groups: [ReplayedGroup] = []
    public internal(set) var dropped: [DroppedTail] = []
    /// Frames that were durable once and cannot be read: acknowledged rows are lost. The groups around them are kept.
    public internal(set) var damage: [CorruptionError] = []
    /// The highest group that was ever durable here; the next one gets the number after it.
    public internal(set) var lastGroup: JournalPosition
    /// The files as they stand, for the writer that continues.
    var ranges: [JournalWriter.FileRange] = []
    var lastNumber: UInt64 = 0

    /// Groups up to this one are stored elsewhere; if they are missing here nothing is lost.
    private let stored: UInt64

    /// Reads the journal in `directory`, which may be missing. Groups up to `floor` are stored elsewhere. They are left
    /// out unless `observed` is lower: groups behind `observed` are answered too, as far as they are still here. Reads
    /// only; checks the checksum of every frame it answers. O(bytes of those groups).
    public init(
        _ system: any FileSystem, directory: String, after floor: JournalPosition, observed: JournalPosition? = nil
    ) throws {
        stored = floor.group
        let start = min(floor, observed ?? floor)
        lastGroup = start
        defer { lastGroup = max(lastGroup, floor) }
        guard system.exists(directory) else { return }
        let numbers = try system.list(directory).compactMap(JournalFileName.number).sorted()
        lastNumber = numbers.last ?? 0
        var files: [JournalFile] = []
        for number in numbers {
            let path = directory + "/" + JournalFileName.name(number)
            let bytes = try system.map(path)
            do {
                files.append(
                    JournalFile(number: number, path: path, bytes: bytes, header: try JournalFileHeader(bytes.bytes)))
            } catch {
                throw CorruptionError(error.reason, offset: error.offset, file: path)
            }
        }
        for index in files.indices { read(files[index], before: files[(index + 1)...], floor: start.group) }
    }

    /// Reads one file. `later`: the files after it, whose headers overrule what a failed sync may have left in this
    /// one.
    private mutating func read(_ file: JournalFile, before later: ArraySlice<JournalFile>, floor: UInt64) {
        let overruledBeyond = later.compactMap { $0.header?.previousGroup }.min() ?? UInt64.max
        if let header = file.header { checkContinuity(header, of: file) }
        if overruledBeyond <= floor { return addRange(file, lastGroup: overruledBeyond) }
        // The header was durable before the first frame was written: frames behind a bad one say that it was damaged.
        var scan = FrameScan(file, offset: file.header == nil ? 0 : JournalFileHeader.byteCount)
        while let step = scan.next() {
            switch step {
            case .frame(let header, let offset):
                keep(header, at: offset, of: file, overruledBeyond: overruledBeyond, floor: floor)
            case .damage(let offset, let length):
                damage.append(CorruptionError("\(length) bytes are no commit group", offset: offset, file: file.path))
            case .tail(let offset):
                guard overruledBeyond != .max, overruledBeyond > lastGroup.group else {
                    drop(file, from: offset)
                    continue
                }
                // A later file says that groups up to there were durable.
                reportMissing(through: overruledBeyond, offset: offset, file: file)
            }
        }
        if file.bytes.losses > 0 {
            // Zeros stand in their place, which may have looked like frames that were never written.
            damage.append(CorruptionError("cannot be read from the disk in places", offset: 0, file: file.path))
        }
        addRange(file)
    }

    private mutating func checkContinuity(_ header: JournalFileHeader, of file: JournalFile) {
        if header.number != file.number {
            damage.append(CorruptionError("holds journal file \(header.number)", offset: 16, file: file.path))
        }
        if header.previousGroup > lastGroup.group {
            reportMissing(through: header.previousGroup, offset: 24, file: file)
        }
    }

    private mutating func reportMissing(through group: UInt64, offset: Int, file: JournalFile) {
        let first = max(lastGroup.group, stored) + 1
        if first <= group {
            damage.append(
                CorruptionError("commit groups \(first) to \(group) are missing", offset: offset, file: file.path))
        }
        lastGroup.group = group
    }

    private mutating func keep(
        _ header: FrameHeader, at offset: Int, of file: JournalFile, overruledBeyond: UInt64, floor: UInt64
    ) {
        guard header.group <= overruledBeyond, header.group > floor else { return }
        let payloadOffset = offset + FrameHeader.byteCount
        if header.group <= lastGroup.group {
            // A group seen before is not taken twice.
            damage.append(
                CorruptionError("group \(header.group) stands here again", offset: offset, file: file.path))
            return
        }
        if header.group > lastGroup.group + 1 { reportMissing(through: header.group - 1, offset: offset, file: file) }
        lastGroup.group = header.group
        do {
            let entries = try GroupPayload.read(file.bytes.bytes.slice(payloadOffset, header.payloadBytes))
            groups.append(
                ReplayedGroup(
                    position: lastGroup, entries: entries, bytes: file.bytes, payloadOffset: payloadOffset,
                    path: file.path))
        } catch {
            damage.append(CorruptionError(error.reason, offset: payloadOffset + error.offset, file: file.path))
        }
    }

    private mutating func drop(_ file: JournalFile, from offset: Int) {
        // Zeros were written ahead for frames that did not come.
        if file.bytes.bytes.slice(offset, file.bytes.count - offset).isZero { return }
        dropped.append(DroppedTail(path: file.path, offset: offset, bytes: file.bytes.count - offset))
    }

    private mutating func addRange(_ file: JournalFile, lastGroup: UInt64? = nil) {
        ranges.append(
            JournalWriter.FileRange(
                number: file.number, path: file.path, lastGroup: lastGroup ?? self.lastGroup.group,
                bytes: file.bytes.count))
    }
}

/// A journal file as it was found.
struct JournalFile: Sendable {
    var number: UInt64
    var path: String
    var bytes: SharedBytes
    /// Nil where the header is torn.
    var header: JournalFileHeader?
}
