import Bytes

/// A piece of a query's text.
struct Token {
    enum Kind: Equatable {
        /// A run of letters, digits, `_` and points.
        case word
        /// A text in quotes, its escapes resolved.
        case quoted(ByteString)
        /// Any other character.
        case symbol(Unicode.Scalar)
        case notEqual
        /// `=~`.
        case matches
        /// `!~`.
        case notMatches
        case end
    }

    var kind: Kind
    /// Byte offsets within the query.
    var start: Int
    var end: Int
    /// Space or a comment (or nothing at all) comes before it.
    var isAfterSpace: Bool
}
