import Bytes
import Records

/// An identifier that is looked up, made once and asked of many segments.
public struct IdentifierKey: Sendable, Equatable {
    /// See `IdentifierHasher`.
    public let hash: UInt64
    /// The hash of the text as it stands, where that is a UUID in braces, a URN or a negative number: segments of
    /// earlier versions have it.
    public let formerHash: UInt64?
    /// Whether it is hex of so few digits that columns keep it as a short one: the name of a step, not of a request.
    public let isShort: Bool

    /// Hex digits of a short identifier at most.
    public static let shortDigits = 16

    /// O(length).
    public init(_ identifier: ByteString) {
        let text = IdentifierField.normalized(identifier)
        hash = hash64(text.bytes.rawSpan)
        let isNegative = identifier.bytes.first == UInt8(ascii: "-")
        let isFolded = isNegative || IdentifierField.wrapped(identifier.bytes.rawSpan) != nil
        formerHash = isFolded ? hash64(identifier.bytes.rawSpan) : nil
        isShort = (1...Self.shortDigits).contains(text.count) && HexText.isHexadecimal(text.bytes.rawSpan)
    }

    /// A key that is known as a number.
    public init(hash: UInt64, isShort: Bool) {
        self.hash = hash
        formerHash = nil
        self.isShort = isShort
    }
}
