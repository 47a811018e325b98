import Records

/// A run of whole lines, and where to go on behind it.
struct Chunk: Sendable {
    /// Ends with a line feed.
    var bytes: [UInt8]
    /// Lines that are not blank.
    var records: Int
    /// Where the next chunk begins; nil for a source without places.
    var place: FilePlace?
    /// Where the file begins, if this is the first chunk of one: to be saved before it is sent.
    var begins: FilePlace?
    /// Lines that were no records and are not sent.
    var dropped = 0
}

/// Where lines come from. Called from one thread at a time; may block.
protocol LineSource: Sendable {
    /// The next lines, or nil if there are none now.
    mutating func next() throws -> Chunk?
    /// Whether there will be none later either.
    var isAtEnd: Bool { get }
    /// Bytes that are there to be read, as far as that is known.
    func backlogBytes() -> Int
}
