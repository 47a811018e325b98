import Bytes
import Records

/// Keys of identifiers: a 64-bit hash of the normalised text (hex digits in lower case, a UUID's dashes and
/// what is wrapped around it left out; see `IdentifierField.normalized`), the same on every machine, since it is
/// stored.
public struct IdentifierHasher: Sendable {
    private var folded: [UInt8] = []

    public init() {}

    /// The key of an identifier as it stands in a record. O(length).
    public mutating func key(_ identifier: RawSpan) -> UInt64 {
        if let range = IdentifierField.wrapped(identifier) {
            return key(identifier.slice(range.lowerBound, range.count))
        }
        if Self.isNormalized(identifier) { return hash64(identifier) }
        for offset in 0..<identifier.byteCount {
            let byte = identifier[offset]
            if HexText.digit(byte, upperCase: false) != 255 { continue }
            guard byte == UInt8(ascii: "-") || byte &- UInt8(ascii: "A") < 6 else { return hash64(identifier) }
        }
        return foldedKey(identifier)
    }

    /// Whether there is certainly nothing to fold: a bit test, eight bytes a step, that digits and small letters pass
    /// while capitals and dashes do not.
    private static func isNormalized(_ identifier: RawSpan) -> Bool {
        let count = identifier.byteCount
        guard count >= 8 else { return false }
        let each: UInt64 = 0x0101_0101_0101_0101
        var offset = 0
        while true {
            let word = identifier.loadUInt64(at: min(offset, count - 8))
            guard (word >> 5) & ((word >> 4) | (word >> 6)) & each == each else { return false }
            offset += 8
            if offset >= count { return true }
        }
    }

    private mutating func foldedKey(_ identifier: RawSpan) -> UInt64 {
        folded.removeAll(keepingCapacity: true)
        for offset in 0..<identifier.byteCount {
            let byte = identifier[offset]
            if byte == UInt8(ascii: "-") { continue }
            folded.append(byte &- UInt8(ascii: "A") < 6 ? byte | 0x20 : byte)
        }
        return folded.isEmpty ? hash64(identifier) : hash64(folded.rawSpan)
    }

    /// The key of an identifier that is looked up.
    public static func key(_ identifier: ByteString) -> UInt64 {
        hash64(IdentifierField.normalized(identifier).bytes.rawSpan)
    }
}
