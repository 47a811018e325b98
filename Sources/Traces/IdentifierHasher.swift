import Bytes
import Records

/// Keys of identifiers: a 64-bit hash of the normalised text (hex digits in lower case, a UUID's dashes left out; see
/// `IdentifierField.normalized`), the same on every machine, since it is stored.
public struct IdentifierHasher: Sendable {
    private var folded: [UInt8] = []

    public init() {}

    /// The key of an identifier as it stands in a record. O(length).
    public mutating func key(_ identifier: RawSpan) -> UInt64 {
        var plain = true
        for offset in 0..<identifier.byteCount {
            let byte = identifier[offset]
            if HexText.digit(byte, upperCase: false) != 255 { continue }
            guard byte == UInt8(ascii: "-") || byte &- UInt8(ascii: "A") < 6 else { return hash64(identifier) }
            plain = false
        }
        return plain ? hash64(identifier) : foldedKey(identifier)
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
