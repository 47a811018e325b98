import Bytes
import Machine
import Records

/// What alerts remember, as keys and JSON values in one append-only file: each change is a checksummed frame, synced
/// before anything that depends on it is done. A torn last frame is cut off; the file is written anew when most of it
/// is superseded.
///
/// A frame is its payload's length (4 bytes, little-endian), the payload's CRC-32C (4 bytes), and the payload: a JSON
/// array of `[key, value]`, with null for a key that is gone.
struct StateLog {
    private let files: any FileSystem
    private let path: String
    private var file: any File
    private var size: Int
    private(set) var values: [String: JSONValue] = [:]
    /// Bytes of a torn or damaged end that were cut off when the file was opened.
    private(set) var droppedBytes = 0
    /// A write or sync failed: what the file holds beyond `size`, and whether a later sync would store it, is unknown.
    private var isDoubtful = false

    /// Opens or creates `alerts.log` in `directory`.
    init(_ files: any FileSystem, directory: String) throws(FileError) {
        self.files = files
        path = Self.path(in: directory)
        try files.createDirectory(directory)
        let isNew = !files.exists(path)
        file = try files.open(path, .readWrite)
        if isNew { try files.syncDirectory(directory) }
        let bytes = try file.read(at: 0, count: file.size())
        size = Self.replay(bytes, into: &values)
        droppedBytes = bytes.count - size
        if droppedBytes > 0 {
            try file.truncate(to: size)
            try file.sync()
        }
    }

    static func path(in directory: String) -> String { directory + "/alerts.log" }

    /// Applies whole frames; returns where the last one ends.
    static func replay(_ bytes: [UInt8], into values: inout [String: JSONValue]) -> Int {
        var offset = 0
        while let frame = frame(of: bytes, at: offset) {
            for change in frame.changes {
                guard let pair = change.elements, pair.count == 2, let key = pair[0].text else { continue }
                values[key] = pair[1] == .null ? nil : pair[1]
            }
            offset = frame.end
        }
        return offset
    }

    /// The changes of the whole and sound frame at `offset`, and where it ends; nil if there is none.
    static func frame(of bytes: [UInt8], at offset: Int) -> (changes: [JSONValue], end: Int)? {
        guard bytes.count - offset >= 8 else { return nil }
        let length = Int(bytes.rawSpan.loadUInt32(at: offset))
        guard length <= bytes.count - offset - 8 else { return nil }
        let payload = Array(bytes[(offset + 8)..<(offset + 8 + length)])
        guard crc32c(payload.rawSpan) == bytes.rawSpan.loadUInt32(at: offset + 4),
            let changes = try? JSONValue(parsing: payload).elements
        else { return nil }
        return (changes, offset + 8 + length)
    }

    /// Makes changes durable: nil removes a key. Keys whose value stays as it was cost nothing. O(changes), or
    /// O(values) when the file is written anew.
    mutating func commit(_ changes: [(key: String, value: JSONValue?)]) throws(FileError) {
        let news = changes.filter { values[$0.key] != $0.value }
        guard !news.isEmpty else { return }
        if isDoubtful {
            try rewrite(news)
        } else {
            let frame = Self.frame(news)
            isDoubtful = true
            try file.write(frame.rawSpan, at: size)
            try file.sync()
            isDoubtful = false
            size += frame.count
        }
        for change in news { values[change.key] = change.value }
        if size > AlertLimits.stateLogBytes { try compactIfWorthwhile() }
    }

    /// Puts a new file in place of a doubtful one, with `changes` made.
    private mutating func rewrite(_ changes: [(key: String, value: JSONValue?)]) throws(FileError) {
        var next = values
        for change in changes { next[change.key] = change.value }
        try replace(with: Self.frame(Self.all(next)))
        isDoubtful = false
    }

    private mutating func compactIfWorthwhile() throws(FileError) {
        let frame = Self.frame(Self.all(values))
        if frame.count < size / 2 { try replace(with: frame) }
    }

    private mutating func replace(with frame: [UInt8]) throws(FileError) {
        try files.replace(path, with: frame.rawSpan)
        file = try files.open(path, .readWrite)
        size = frame.count
    }

    private static func all(_ values: [String: JSONValue]) -> [(key: String, value: JSONValue?)] {
        values.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }

    private static func frame(_ changes: [(key: String, value: JSONValue?)]) -> [UInt8] {
        let payload = JSONValue.array(changes.map { .array([.string($0.key), $0.value ?? .null]) }).bytes
        var writer = ByteWriter(capacity: payload.count + 8)
        writer.write(UInt32(payload.count))
        writer.write(crc32c(payload.rawSpan))
        writer.write(payload)
        return writer.bytes
    }

    /// The values under keys that begin with `prefix`, in order of their keys.
    func values(under prefix: String) -> [JSONValue] {
        values.filter { $0.key.hasPrefix(prefix) }.sorted { $0.key < $1.key }.map(\.value)
    }
}
