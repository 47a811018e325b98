import Bytes
import Formats
import Machine
import Records

/// A file, and what its file system said when it was opened.
struct OpenFile {
    var file: any File
    var status: FileStatus
}

/// Reads the lines of a file as it grows, through rotation: a renamed file is read until it has been quiet for a
/// while, then the new one of the same name; a file that was cut and written anew is read from its start.
struct FileFollower: LineSource {
    /// The file at hand.
    private struct Current {
        var file: any File
        /// As it was opened.
        var status: FileStatus
        var offset: Int
        /// The first `FileFingerprint.maximumLength` of the bytes before `offset`.
        var head: [UInt8]
        /// Where a run before left it.
        var end: Int?
        /// Whether nothing of it has been read yet.
        var isNew: Bool
        /// Its size when it was last looked at after its rotation, and since when that holds.
        var quietSize = -1
        var quietSince: Int64 = 0

        init(_ opened: OpenFile, offset: Int, head: [UInt8], end: Int?, isNew: Bool) {
            file = opened.file
            status = opened.status
            self.offset = offset
            self.head = head
            self.end = end
            self.isNew = isNew
        }

        var place: FilePlace {
            FilePlace(
                identity: status.identity, offset: offset, fingerprint: FileFingerprint(head), birth: status.birth)
        }
    }

    let path: String
    /// Whether the end of the file is the end, so that its last line needs no line feed.
    let stopsAtEnd: Bool
    /// How long a rotated file must not have grown before it is left, in nanoseconds.
    let quietNanoseconds: Int64
    private let system: RealFileSystem
    private let clock: any MonotonicClock
    private let wallClock: any WallClock
    /// What a run before had begun, oldest first.
    private var legs: [ShipLeg]
    private var current: Current?
    /// Files that have got the name since, oldest first: open, so that a further rotation does not hide them.
    private var successors: [OpenFile] = []
    /// When the newest file that was ever begun was made; 0 if that is not known.
    private var newestBirth: Int64
    private(set) var isAtEnd = false

    /// Reads `legs` first, as far as they are still there, under their name or another one in the same folder; then
    /// what was made behind `newestBirth` and was rotated meanwhile.
    init(
        path: String, legs: [ShipLeg], newestBirth: Int64, stopsAtEnd: Bool, quietNanoseconds: Int64,
        system: RealFileSystem, clock: any MonotonicClock, wallClock: any WallClock
    ) {
        self.path = path
        self.legs = legs
        self.stopsAtEnd = stopsAtEnd
        self.quietNanoseconds = quietNanoseconds
        self.system = system
        self.clock = clock
        self.wallClock = wallClock
        self.newestBirth = newestBirth
        if let first = legs.first, let file = try? Self.find(first, path, system) {
            self.legs.removeFirst()
            try? begin(first, file, isNew: false)
        }
    }

    mutating func next() throws -> Chunk? {
        while !isAtEnd {
            guard try open() else {
                isAtEnd = stopsAtEnd
                return nil
            }
            let lines = try readLines()
            if try !holdsWhatWasRead() {
                startOver()
                continue
            }
            if let lines { return take(lines) }
            if let end = current?.end, current!.offset >= end {
                current = nil
                continue
            }
            let isRotated = try lookForSuccessor()
            guard try stopsAtEnd || isRotated && isQuiet() else { return nil }
            let rest = try readRest()
            if let rest { return take(rest) }
            current = nil
            isAtEnd = !isRotated
        }
        return nil
    }

    func backlogBytes() -> Int {
        guard let current, let size = try? current.file.size() else { return 0 }
        return max(0, size - current.offset)
    }

    // MARK: Files

    /// The file of a leg, if it is still there and has the same beginning.
    static func find(_ leg: ShipLeg, _ path: String, _ system: RealFileSystem) throws -> OpenFile? {
        let folder = parentDirectory(of: path)
        // Rotated files keep the beginning of their name.
        let base = lastComponent(of: path)
        let names = ((try? system.list(folder)) ?? []).filter {
            $0.hasPrefix(base) || RotatedName.matches($0, base: base)
        }
        for name in [path] + names.map({ folder + "/" + $0 }) {
            guard let now = try? system.status(of: name), now.identity == leg.place.identity else { continue }
            let file = try system.open(name, .read)
            let hasLength = try file.size() >= leg.end ?? leg.place.offset
            return try hasLength && leg.place.fingerprint.matches(file) ? OpenFile(file: file, status: now) : nil
        }
        return nil
    }

    private mutating func begin(_ leg: ShipLeg, _ opened: OpenFile, isNew: Bool) throws {
        let head = try opened.file.read(at: 0, count: min(leg.place.offset, FileFingerprint.maximumLength))
        current = Current(opened, offset: leg.place.offset, head: head, end: leg.end, isNew: isNew)
    }

    /// Opens the file at hand, if it is not open. False if there is none yet.
    private mutating func open() throws -> Bool {
        if current != nil { return true }
        while let leg = legs.first {
            legs.removeFirst()
            guard let file = try Self.find(leg, path, system) else { continue }
            try begin(leg, file, isNew: true)
            return true
        }
        if successors.isEmpty { try openSuccessors() }
        if successors.isEmpty { return false }
        current = Current(successors.removeFirst(), offset: 0, head: [], end: nil, isNew: true)
        return true
    }

    /// Opens what has got the name since, oldest first: the files that were made after the newest one that was begun
    /// and were rotated before anybody looked, and the one that has the name now. Nothing if names are just changing.
    private mutating func openSuccessors() throws {
        guard let named = try? system.status(of: path) else { return }
        var found = [(path: path, status: named)]
        if newestBirth > 0 {
            let folder = parentDirectory(of: path)
            for name in (try? system.list(folder)) ?? []
            where RotatedName.matches(name, base: lastComponent(of: path)) {
                let rotated = folder + "/" + name
                guard let status = try? system.status(of: rotated) else { return }
                if status.birth > newestBirth && status.identity != named.identity { found.append((rotated, status)) }
            }
        }
        found.sort { $0.status.birth < $1.status.birth }
        var opened: [OpenFile] = []
        for (path, status) in found.prefix(Limits.rotatedFiles) {
            guard let file = try? system.open(path, .read), let after = try? system.status(of: path),
                after.identity == status.identity
            else { return }
            opened.append(OpenFile(file: file, status: after))
        }
        successors += opened
        newestBirth = max(newestBirth, opened.last!.status.birth)
    }

    /// Whether the file at hand has lost its name to another one, which is then kept open.
    private mutating func lookForSuccessor() throws -> Bool {
        let newest = successors.last?.status.identity ?? current!.status.identity
        if successors.count < Limits.rotatedFiles, let now = try? system.status(of: path), now.identity != newest {
            try openSuccessors()
        }
        return !successors.isEmpty
    }

    private mutating func isQuiet() throws -> Bool {
        let size = try current!.file.size()
        if size != current!.quietSize {
            // A file that was rotated while no agent ran may have been quiet for long.
            let isAsOpened = size == current!.status.size
            current!.quietSize = size
            current!.quietSince = clock.uptime() - (isAsOpened ? max(0, wallClock.now() - current!.status.modified) : 0)
        }
        return clock.uptime() - current!.quietSince >= quietNanoseconds
    }

    /// Whether the file still begins with what was read from it. Asked behind every read, because it may have been cut
    /// just before.
    private func holdsWhatWasRead() throws -> Bool {
        let current = current!
        guard try current.file.size() >= current.offset else { return false }
        return try current.file.read(at: 0, count: current.head.count) == current.head
    }

    private mutating func startOver() {
        current!.offset = 0
        current!.head = []
        current!.end = nil
        current!.isNew = true
    }

    // MARK: Lines

    /// Lines to send, and the bytes of the file that they stand for.
    private struct Lines {
        var bytes: [UInt8]
        var count: Int
    }

    /// The next whole lines of the file at hand.
    private func readLines() throws -> Lines? {
        let offset = current!.offset
        let end = current!.end ?? Int.max
        var wanted = Limits.shipChunkBytes
        while true {
            let count = min(wanted, end - offset)
            guard count > 0 else { return nil }
            var bytes = try current!.file.read(at: offset, count: count)
            if let last = bytes.lastIndex(of: 0x0A) {
                bytes.removeLast(bytes.count - last - 1)
                return Lines(bytes: bytes, count: bytes.count)
            }
            if bytes.count < count { return nil }
            // The last line of a file that was over when it was left.
            if offset + count == end { return Lines(bytes: bytes + [0x0A], count: count) }
            guard wanted <= Limits.recordBytes else { return try readOversized(bytes) }
            wanted *= 2
        }
    }

    /// A line that no server takes: its beginning is sent, so that it is counted, refused and reported; the rest is
    /// not.
    private func readOversized(_ beginning: [UInt8]) throws -> Lines? {
        var offset = current!.offset + beginning.count
        while true {
            let more = try current!.file.read(at: offset, count: Limits.shipChunkBytes)
            if more.isEmpty { return nil }
            guard let end = more.firstIndex(of: 0x0A) else {
                offset += more.count
                continue
            }
            let bytes = beginning.prefix(Limits.recordBytes + 16) + [0x0A]
            return Lines(bytes: Array(bytes), count: offset + end + 1 - current!.offset)
        }
    }

    /// The last line of a file that is over, if it has no line feed.
    private func readRest() throws -> Lines? {
        let bytes = try current!.file.read(at: current!.offset, count: Limits.recordBytes + 16)
        return bytes.isEmpty ? nil : Lines(bytes: bytes + [0x0A], count: bytes.count)
    }

    private mutating func take(_ lines: Lines) -> Chunk {
        let start = current!.offset
        let isNew = current!.isNew
        let room = FileFingerprint.maximumLength - current!.head.count
        current!.head += lines.bytes.prefix(min(room, lines.count))
        current!.offset += lines.count
        current!.isNew = false
        let place = current!.place
        var chunk = Chunk(bytes: lines.bytes, records: countRecords(lines.bytes.rawSpan), place: place)
        if isNew {
            chunk.begins = place
            chunk.begins!.offset = start
        }
        return chunk
    }
}
