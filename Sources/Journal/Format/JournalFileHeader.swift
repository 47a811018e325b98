import Bytes

/// The first 40 bytes of a journal file; `Docs/Formats/Journal.md` draws them.
struct JournalFileHeader: Equatable, Sendable {
    static let byteCount = 40
    private static let magic = Array("PLUMBJNL".utf8)
    private static let version: UInt32 = 2

    /// The file's own number, also in its name.
    var number: UInt64
    /// The last group that was durable before this file began.
    var previousGroup: UInt64

    /// Magic, version, a spare word, the two numbers, a second spare word, CRC32C of the 36 bytes before it.
    func encoded() -> [UInt8] {
        var writer = ByteWriter(capacity: Self.byteCount)
        writer.write(Self.magic)
        writer.write(Self.version)
        writer.write(UInt32(0))
        writer.write(number)
        writer.write(previousGroup)
        writer.write(UInt32(0))
        writer.write(crc32c(writer.bytes.rawSpan))
        return writer.bytes
    }

    init(number: UInt64, previousGroup: UInt64) {
        self.number = number
        self.previousGroup = previousGroup
    }

    /// Nil for a header that is torn or was never written.
    init?(_ bytes: RawSpan) throws(CorruptionError) {
        guard bytes.byteCount >= Self.byteCount,
            bytes.loadUInt32(at: 36) == crc32c(bytes.slice(0, 36)),
            bytes.slice(0, 8).equals(Self.magic.rawSpan)
        else { return nil }
        let version = bytes.loadUInt32(at: 8)
        guard (1...Self.version).contains(version) else {
            throw CorruptionError("journal format \(version) is not known to this version", offset: 8)
        }
        number = bytes.loadUInt64(at: 16)
        previousGroup = bytes.loadUInt64(at: 24)
    }
}

/// `0000000042.plj` for file 42.
enum JournalFileName {
    private static let suffix = ".plj"

    static func name(_ number: UInt64) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, 10 - digits.count)) + digits + suffix
    }

    static func number(_ name: String) -> UInt64? {
        guard name.hasSuffix(suffix), let number = UInt64(name.dropLast(suffix.count)), self.name(number) == name
        else { return nil }
        return number
    }
}
