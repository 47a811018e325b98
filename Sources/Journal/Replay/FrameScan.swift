import Bytes

/// Walks the frames of one file and tells an unfinished end from damage: since a frame is written only when the one
/// before it is durable, a bad frame with a good one behind it was good once.
struct FrameScan {
    enum Step: Equatable {
        case frame(FrameHeader, offset: Int)
        /// Bytes that are no frame although a good frame follows.
        case damage(offset: Int, length: Int)
        /// From here to the end of the file there is no good frame.
        case tail(offset: Int)
    }

    private let file: JournalFile
    private var offset: Int

    init(_ file: JournalFile, offset: Int) {
        self.file = file
        self.offset = offset
    }

    /// Nil at the end of the file.
    mutating func next() -> Step? {
        guard offset < file.bytes.count else { return nil }
        if let header = frame(at: offset) {
            defer { offset += FrameHeader.byteCount + header.payloadBytes }
            return .frame(header, offset: offset)
        }
        let start = offset
        guard let found = frameBehind(start) else {
            offset = file.bytes.count
            return .tail(offset: start)
        }
        offset = found
        return .damage(offset: start, length: found - start)
    }

    /// The frame at `offset`, if its header and its payload are whole.
    private func frame(at offset: Int) -> FrameHeader? {
        let bytes = file.bytes.bytes
        guard let header = FrameHeader(bytes, at: offset, fileNumber: file.number),
            offset + FrameHeader.byteCount + header.payloadBytes <= bytes.byteCount,
            crc32c(bytes.slice(offset + FrameHeader.byteCount, header.payloadBytes)) == header.payloadChecksum
        else { return nil }
        return header
    }

    /// Where the next good frame begins after `start`. O(rest of the file), and only there where something is wrong.
    private func frameBehind(_ start: Int) -> Int? {
        var position = start + 1
        let magic = FrameHeader.magicBytes
        let bytes = file.bytes.bytes
        while position < bytes.byteCount {
            guard let found = firstRange(of: magic.rawSpan, in: bytes, from: position) else { return nil }
            if frame(at: found) != nil { return found }
            position = found + 1
        }
        return nil
    }
}
