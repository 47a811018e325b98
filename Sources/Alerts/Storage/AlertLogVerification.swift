import Bytes
import Machine
import Records

/// What `plumb verify` finds in the alerting layer's folder. Reads only.
public struct AlertLogVerification: Sendable {
    /// Changes that were durable once and cannot be read.
    public private(set) var problem: CorruptionError?
    /// A write that a crash cut short; nothing that depends on it was done.
    public private(set) var note: String?

    /// Reads the state log in `directory`; a missing one is sound. O(bytes).
    public init(_ files: any FileSystem, directory: String) throws(FileError) {
        let path = StateLog.path(in: directory)
        guard files.exists(path) else { return }
        let bytes = try files.readAll(path)
        var values: [String: JSONValue] = [:]
        let end = StateLog.replay(bytes, into: &values)
        guard end < bytes.count else { return }
        if Self.isUnfinished(bytes, from: end) {
            note = "\(path): \(bytes.count - end) bytes of an unfinished write at byte \(end)"
        } else {
            problem = CorruptionError("\(bytes.count - end) bytes from here on are damaged", offset: end, file: path)
        }
    }

    /// Whether what stands at `offset` is the beginning of a frame that was never finished, rather than one that was
    /// whole once: nothing sound follows, and it is shorter than it says or ends in zeros that were never overwritten.
    private static func isUnfinished(_ bytes: [UInt8], from offset: Int) -> Bool {
        // Nearly every wrong place is told by its length, so this seldom reads more than four bytes a place.
        for place in (offset + 1)..<bytes.count where StateLog.frame(of: bytes, at: place) != nil { return false }
        let rest = bytes.count - offset
        if rest < 8 || bytes.last == 0 { return true }
        let length = Int(bytes.rawSpan.loadUInt32(at: offset))
        // A payload that is whole JSON was not cut short: its length is what is damaged.
        return length > rest - 8 && (try? JSONValue(parsing: Array(bytes[(offset + 8)...]))) == nil
    }
}
