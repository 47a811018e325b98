import Bytes
import Machine
import Records

/// The beginning of a file, by which its contents are known again: an inode may serve another file by now, and a file
/// may have been cut and written anew.
struct FileFingerprint: Sendable, Equatable {
    /// Bytes that it covers, at most `maximumLength`.
    var length: Int
    var hash: UInt64

    static let maximumLength = 1024

    init(_ head: [UInt8]) {
        length = head.count
        hash = hash64(head.rawSpan)
    }

    init(length: Int, hash: UInt64) {
        self.length = length
        self.hash = hash
    }

    func matches(_ file: any File) throws -> Bool {
        let head = try file.read(at: 0, count: length)
        return head.count == length && hash64(head.rawSpan) == hash
    }
}

/// A place in a file that may have been renamed since.
struct FilePlace: Sendable, Equatable {
    var identity: FileIdentity
    /// In bytes from the file's start; always behind a line feed, or at the end of a file that is over.
    var offset: Int
    var fingerprint: FileFingerprint
    /// When the file was made, in nanoseconds since 1970; 0 if that is not known.
    var birth: Int64 = 0
}

/// A file, or the rest of one, with its part of the numbering.
struct ShipLeg: Sendable, Equatable {
    /// Where it begins.
    var place: FilePlace
    /// The number before its first record.
    var number: UInt64
    /// Where it was left for the next file; nil if it was not.
    var end: Int?

    /// Where to go on when the server has stored the records up to `last`: the files to read first, and the number
    /// before the first record of them.
    ///
    /// No record above `last` is stored, so that files behind the first may be numbered anew. If the first is gone, or
    /// the server has less than it once had, the numbering goes on behind `last`.
    static func resume(_ saved: [ShipLeg], last: UInt64, isFound: (ShipLeg) throws -> Bool) rethrows -> (
        legs: [ShipLeg], number: UInt64
    ) {
        var legs = saved
        while legs.count > 1 && legs[1].number <= last { legs.removeFirst() }
        guard let first = legs.first else { return ([], last) }
        if try isFound(first) { return (legs, min(first.number, last)) }
        legs.removeFirst()
        while let next = legs.first, try !isFound(next) { legs.removeFirst() }
        return (legs, last)
    }
}
