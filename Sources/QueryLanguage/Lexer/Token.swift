import Bytes

/// A piece of a query's text.
struct Token {
    enum Kind: Equatable {
        /// A run of letters, digits, `_` and what is beyond ASCII.
        case word
        /// A text in quotes, its escapes resolved.
        case quoted(ByteString)
        /// Any other byte.
        case symbol(UInt8)
        case end
    }

    var kind: Kind
    /// Byte offsets within the query.
    var start: Int
    var end: Int
    /// Space or a comment (or nothing at all) comes before it.
    var isAfterSpace: Bool
}
