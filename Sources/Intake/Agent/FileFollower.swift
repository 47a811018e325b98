import Bytes
import Formats
import Machine
import Records

/// A place in a file that may have been renamed since.
struct FilePlace: Sendable, Equatable {
    var identity: FileIdentity
    /// In bytes from the file's start; always behind a line feed, or at the end of a file that is over.
    var offset: Int
}

/// Reads the lines of a file as it grows, through rotation: a renamed file is read to its end before the new one of
/// the same name; a file that got shorter is read from its start.
struct FileFollower: LineSource {
    let path: String
    /// Whether the end of the file is the end, so that its last line needs no line feed.
    let stopsAtEnd: Bool
    private let system: RealFileSystem
    private var file: (any File)?
    private var place: FilePlace?
    private(set) var isAtEnd = false
    /// Whether the file has lost its name to another one.
    private var isRotated = false

    /// Goes on at `place` if the file is still there, under its name or another one in the same folder.
    init(path: String, place: FilePlace?, stopsAtEnd: Bool, system: RealFileSystem) {
        self.path = path
        self.place = place
        self.stopsAtEnd = stopsAtEnd
        self.system = system
    }

    mutating func next() throws -> Chunk? {
        while !isAtEnd {
            guard try open() else {
                isAtEnd = stopsAtEnd
                return nil
            }
            if let chunk = try readChunk() { return chunk }
            // Nothing whole is left; look whether the file is over before asking it a last time.
            if isRotated || stopsAtEnd {
                if let rest = try readRest() { return rest }
                if isRotated { leave() } else { isAtEnd = true }
            } else if try !hasChanged() {
                return nil
            }
        }
        return nil
    }

    func backlogBytes() -> Int {
        guard let place, let file, let size = try? file.size() else { return 0 }
        return max(0, size - place.offset)
    }

    // MARK: Files

    /// Opens the file at hand, if it is not open. False if there is none yet.
    private mutating func open() throws -> Bool {
        if file != nil { return true }
        if let place, let found = find(place.identity) {
            isRotated = found != path
            file = try system.open(found, .read)
            if try file!.size() < place.offset { self.place!.offset = 0 }
            return true
        }
        guard let now = try? system.identity(of: path) else { return false }
        file = try system.open(path, .read)
        place = FilePlace(identity: now.identity, offset: 0)
        isRotated = false
        return true
    }

    private func find(_ identity: FileIdentity) -> String? {
        if let now = try? system.identity(of: path), now.identity == identity { return path }
        let folder = parentDirectory(of: path)
        let names = (try? system.list(folder)) ?? []
        // Rotated files keep the beginning of their name.
        return names.filter { $0.hasPrefix(lastComponent(of: path)) }.map { folder + "/" + $0 }
            .first { (try? system.identity(of: $0))?.identity == identity }
    }

    private mutating func leave() {
        file = nil
        place = nil
        isRotated = false
    }

    /// At the end of the file at hand: whether it was cut or lost its name, so that there is something to do.
    private mutating func hasChanged() throws -> Bool {
        if try file!.size() < place!.offset {
            place!.offset = 0
            return true
        }
        guard let now = try? system.identity(of: path), now.identity != place!.identity else { return false }
        isRotated = true
        return true
    }

    // MARK: Lines

    /// The next whole lines of the file at hand.
    private mutating func readChunk() throws -> Chunk? {
        var wanted = Limits.shipChunkBytes
        while true {
            var bytes = try file!.read(at: place!.offset, count: wanted)
            if let end = bytes.lastIndex(of: 0x0A) {
                bytes.removeLast(bytes.count - end - 1)
                return chunk(bytes, taking: bytes.count)
            }
            if bytes.count < wanted { return nil }
            guard wanted <= Limits.recordBytes else { return try readOversized(bytes) }
            wanted *= 2
        }
    }

    /// A line that no server takes: its beginning is sent, so that it is counted, refused and reported; the rest is
    /// not.
    private mutating func readOversized(_ beginning: [UInt8]) throws -> Chunk? {
        var offset = place!.offset + beginning.count
        while true {
            let more = try file!.read(at: offset, count: Limits.shipChunkBytes)
            if more.isEmpty { return nil }
            guard let end = more.firstIndex(of: 0x0A) else {
                offset += more.count
                continue
            }
            let bytes = beginning.prefix(Limits.recordBytes + 16) + [0x0A]
            return chunk(Array(bytes), taking: offset + end + 1 - place!.offset)
        }
    }

    /// The last line of a file that is over, if it has no line feed.
    private mutating func readRest() throws -> Chunk? {
        let bytes = try file!.read(at: place!.offset, count: Limits.recordBytes + 16)
        return bytes.isEmpty ? nil : chunk(bytes + [0x0A], taking: bytes.count)
    }

    private mutating func chunk(_ bytes: [UInt8], taking count: Int) -> Chunk {
        place!.offset += count
        return Chunk(bytes: bytes, records: countRecords(bytes.rawSpan), place: place)
    }
}
