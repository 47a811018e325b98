import Bytes
import Records

/// Cuts a stream of bytes into runs of whole lines and keeps the unfinished last line.
struct LineSplitter: Sendable {
    enum Piece {
        /// Whole lines, each with its line feed, within the bytes that were given.
        case lines(Range<Int>)
        /// One whole line, whose beginning came earlier.
        case joined([UInt8])
        /// The beginning of a line that was over `Limits.recordBytes`; it is gone.
        case oversized([UInt8])
        /// Nothing more until more comes.
        case partial
    }

    /// The unfinished line.
    private(set) var pending: [UInt8] = []
    /// Whether the rest of an oversized line is being passed over; `pending` then holds its sample.
    private var isDiscarding = false
    /// Whether a byte order mark may still come: some editors begin UTF-8 with one.
    private var isAtStart = true

    /// The next piece at `offset`, which moves behind it. Runs of lines are about `window` bytes long. O(bytes taken).
    mutating func next(_ bytes: RawSpan, _ offset: inout Int, window: Int) -> Piece {
        if !pending.isEmpty || isDiscarding { return join(bytes, &offset) }
        if isAtStart, bytes.byteCount - offset >= 3 {
            if startsWithByteOrderMark(bytes.slice(offset, 3)) { offset += 3 }
            isAtStart = false
        }
        let start = offset
        let left = bytes.byteCount - start
        if left > window, let end = lastLineFeed(bytes, from: start, to: start + window) {
            offset = end + 1
            return .lines(start..<offset)
        }
        if left <= window, let end = lastLineFeed(bytes, from: start, to: bytes.byteCount) {
            offset = end + 1
            return .lines(start..<offset)
        }
        if left > window, let end = firstIndex(of: .lineFeed, in: bytes, from: start + window) {
            offset = end + 1
            guard offset - start > Limits.recordBytes + 2 else { return .lines(start..<offset) }
            return .oversized(sample(bytes.slice(start, end - start)))
        }
        offset = bytes.byteCount
        keep(bytes.slice(start, left))
        return .partial
    }

    private mutating func join(_ bytes: RawSpan, _ offset: inout Int) -> Piece {
        let start = offset
        let end = firstIndex(of: .lineFeed, in: bytes, from: start)
        offset = end.map { $0 + 1 } ?? bytes.byteCount
        guard end != nil else {
            keep(bytes.slice(start, offset - start))
            return .partial
        }
        if !isDiscarding { pending.append(copying: bytes.slice(start, offset - start)) }
        if isAtStart, startsWithByteOrderMark(pending.rawSpan) { pending.removeFirst(3) }
        isAtStart = false
        defer {
            pending = []
            isDiscarding = false
        }
        if isDiscarding || pending.count > Limits.recordBytes + 2 { return .oversized(sample(pending.rawSpan)) }
        return .joined(pending)
    }

    private mutating func keep(_ bytes: RawSpan) {
        guard !isDiscarding else { return }
        pending.append(copying: bytes)
        // Two more for the CRLF that may follow.
        if pending.count > Limits.recordBytes + 2 {
            isDiscarding = true
            pending = sample(pending.rawSpan)
        }
    }

    private func sample(_ line: RawSpan) -> [UInt8] { rejectionSample(line).bytes }

    private func lastLineFeed(_ bytes: RawSpan, from start: Int, to end: Int) -> Int? {
        var place = end - 1
        while place >= start {
            if bytes[place] == .lineFeed { return place }
            place -= 1
        }
        return nil
    }

    /// At the end of the input: the unfinished line with a line feed behind it, or `partial` if there is none.
    mutating func takeRest() -> Piece {
        var offset = 0
        guard !pending.isEmpty || isDiscarding else { return .partial }
        let end: [UInt8] = [.lineFeed]
        return join(end.rawSpan, &offset)
    }
}

/// The beginning of a line for a `Rejection`, cut at a character and without the line's end.
func rejectionSample(_ line: RawSpan) -> ByteString {
    var count = min(line.byteCount, Rejection.sampleBytes)
    while count > 0 && (line[count - 1] == 0x0A || line[count - 1] == 0x0D) { count -= 1 }
    if count < line.byteCount {
        while count > 0 && line[count] & 0xC0 == 0x80 { count -= 1 }
    }
    var text: [UInt8] = []
    _ = appendRepairingUTF8(line.slice(0, count), to: &text)
    return ByteString(text)
}

/// Whether a line without its line feed holds nothing but white space.
func isBlankLine(_ line: RawSpan) -> Bool {
    for place in 0..<line.byteCount where !isJSONBlank(line[place]) { return false }
    return true
}

/// Whether bytes begin with U+FEFF in UTF-8.
func startsWithByteOrderMark(_ bytes: RawSpan) -> Bool {
    bytes.byteCount >= 3 && bytes[0] == 0xEF && bytes[1] == 0xBB && bytes[2] == 0xBF
}
