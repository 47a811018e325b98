import Bytes
import Records

/// The 32 bytes before a commit group's payload; `Docs/Formats/Journal.md` draws them.
struct FrameHeader: Equatable, Sendable {
    static let byteCount = 32
    /// `PLFR`, little-endian.
    static let magic: UInt32 = 0x5246_4C50
    static let magicBytes: [UInt8] = Array("PLFR".utf8)
    /// The only kind so far: a commit group.
    private static let groupKind: UInt8 = 1

    var group: UInt64
    var payloadBytes: Int
    var payloadChecksum: UInt32
    /// The low bits of the file's number: a frame of another file is not mistaken for one of this.
    var fileNumber: UInt32

    /// Overwrites the first 32 bytes of a frame whose payload stands behind them.
    static func seal(_ frame: inout ByteWriter, group: UInt64, fileNumber: UInt64) {
        let payloadBytes = frame.count - byteCount
        let checksum = crc32c(frame.bytes.rawSpan.slice(byteCount, payloadBytes))
        var header = ByteWriter(capacity: byteCount)
        header.write(magic)
        header.write(groupKind)
        header.write([0, 0, 0])
        header.write(group)
        header.write(UInt32(payloadBytes))
        header.write(checksum)
        header.write(UInt32(truncatingIfNeeded: fileNumber))
        header.write(crc32c(header.bytes.rawSpan))
        frame.bytes.replaceSubrange(0..<byteCount, with: header.bytes)
    }

    /// The header at `offset`, or nil if what stands there is none of this file's.
    init?(_ bytes: RawSpan, at offset: Int, fileNumber: UInt64) {
        guard offset + Self.byteCount <= bytes.byteCount, bytes.loadUInt32(at: offset) == Self.magic,
            bytes.loadUInt32(at: offset + 28) == crc32c(bytes.slice(offset, 28)),
            bytes[offset + 4] == Self.groupKind
        else { return nil }
        group = bytes.loadUInt64(at: offset + 8)
        payloadBytes = Int(bytes.loadUInt32(at: offset + 16))
        payloadChecksum = bytes.loadUInt32(at: offset + 20)
        self.fileNumber = bytes.loadUInt32(at: offset + 24)
        guard self.fileNumber == UInt32(truncatingIfNeeded: fileNumber), payloadBytes <= Limits.journalFrameBytes
        else { return nil }
    }
}
