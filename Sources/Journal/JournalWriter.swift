import Bytes
import Machine

/// Writes frames to numbered files, one write and one sync a frame. Owned by one thread.
///
/// Recovery rests on these orders: a file's header is synced, and its name, before its first frame is written; a frame
/// is written only after the one before it was synced; a file whose sync failed gets no further frame, and the next
/// file's header says which group was the last durable one, so that whatever the failed sync left behind is overruled.
struct JournalWriter {
    /// A file that holds frames.
    struct FileRange: Sendable, Equatable {
        var number: UInt64
        var path: String
        /// The last group in it.
        var lastGroup: UInt64
        var bytes: Int
    }

    /// Frames up to this size find zeros written ahead for them, so many at a time: a sync that neither lengthens the
    /// file nor gives it blocks has only their bytes to write. Larger ones bring as many bytes as a sync wants anyway.
    private static let smallFrameBytes = 16 << 10
    private static let layoutBytes = 64 << 10

    private let system: any FileSystem
    private let directory: String
    private let fileBytes: Int
    private var file: (any File)?
    private var offset = 0
    /// Up to here zeros were written ahead.
    private var laidOut = 0
    private var number: UInt64
    private(set) var lastGroup: UInt64
    /// Oldest first, the one being written last.
    private(set) var ranges: [FileRange]

    /// Continues behind `lastGroup` in a new file, numbered above `lastNumber`.
    init(
        _ system: any FileSystem, directory: String, fileBytes: Int, lastGroup: UInt64, lastNumber: UInt64,
        ranges: [FileRange]
    ) {
        self.system = system
        self.directory = directory
        self.fileBytes = fileBytes
        self.lastGroup = lastGroup
        number = lastNumber
        self.ranges = ranges
    }

    /// Makes one group durable: `frame` has 32 bytes of room, then the payload. The room is filled here, since the
    /// header names the file. After an error the group is not stored, as far as the disk lets itself be told.
    mutating func append(_ frame: inout ByteWriter) throws(FileError) {
        if offset >= fileBytes { finishFile() }
        do throws(FileError) {
            try appendToFile(&frame)
        } catch {
            guard error.code == .inputOutput, file == nil else { throw error }
            // The device may have failed for this file alone; what the sync lost is written anew, once.
            try appendToFile(&frame)
        }
    }

    private mutating func appendToFile(_ frame: inout ByteWriter) throws(FileError) {
        if self.file == nil { try startFile() }
        let file = self.file!
        let group = lastGroup + 1
        FrameHeader.seal(&frame, group: group, fileNumber: number)
        do {
            try write(frame, to: file)
        } catch {
            laidOut = 0
            do throws(FileError) { try file.truncate(to: offset) } catch { abandonFile() }
            throw error
        }
        do {
            try file.sync()
        } catch {
            try? file.truncate(to: offset)
            abandonFile()
            throw error
        }
        offset += frame.count
        lastGroup = group
        ranges[ranges.count - 1].lastGroup = group
        ranges[ranges.count - 1].bytes = offset
    }

    private mutating func write(_ frame: ByteWriter, to file: any File) throws(FileError) {
        guard frame.count <= Self.smallFrameBytes, offset + frame.count > laidOut else {
            return try file.write(frame.bytes.rawSpan, at: offset)
        }
        let padded = frame.bytes + [UInt8](repeating: 0, count: Self.layoutBytes)
        do throws(FileError) {
            try file.write(padded.rawSpan, at: offset)
            laidOut = offset + padded.count
        } catch {
            guard error.code == .noSpace else { throw error }
            // There may be room for the frame alone; what was written behind it is cut away.
            laidOut = 0
            try file.truncate(to: offset)
            try file.write(frame.bytes.rawSpan, at: offset)
        }
    }

    /// Begins the next file; also the probe of whether a failed disk takes data again.
    mutating func startFile() throws(FileError) {
        precondition(file == nil)
        // A number is used once, whether the file comes to be or not.
        number += 1
        let path = directory + "/" + JournalFileName.name(number)
        do {
            let created = try system.open(path, .createNew)
            let header = JournalFileHeader(number: number, previousGroup: lastGroup).encoded()
            try created.write(header.rawSpan, at: 0)
            try created.sync()
            try system.syncDirectory(directory)
            file = created
            offset = header.count
            ranges.append(FileRange(number: number, path: path, lastGroup: lastGroup, bytes: offset))
        } catch {
            try? system.remove(path)
            throw error
        }
    }

    /// The next frame goes to a new file.
    mutating func finishFile() {
        // Zeros that stay mean nothing.
        if laidOut > offset { try? file?.truncate(to: offset) }
        file = nil
        offset = 0
        laidOut = 0
    }

    private mutating func abandonFile() { finishFile() }

    /// Whether a file is open for frames.
    var hasFile: Bool { file != nil }

    /// Forgets files that someone has removed.
    mutating func forget(_ numbers: Set<UInt64>) { ranges.removeAll { numbers.contains($0.number) } }
}
