import Bytes

/// Bare values. A value is a run of tokens that no space separates: `foo-bar/1`, `10.0.0.1:80`, `2024-05-01Z`. What
/// ends it, besides space, depends on the place.
extension Parser {
    /// The characters that end a run.
    struct Stops: OptionSet {
        let rawValue: Int

        /// `,` `(` `)` `[` `]` `|`.
        static let lists = Stops(rawValue: 1)
        static let star = Stops(rawValue: 2)
        static let colon = Stops(rawValue: 4)
        static let equals = Stops(rawValue: 8)
        /// `,` `(` `)` `|`, but not brackets.
        static let argument = Stops(rawValue: 16)
        /// The signs of formulas: `=` `+` `-` `*` `/` `%` `^` `,` `)` `|` `!`.
        static let formula = Stops(rawValue: 32)
        /// `=` `!=` `=~` `!~` `,` `{` `}`.
        static let label = Stops(rawValue: 64)
        /// `,` `{` `}` `(`.
        static let labelValue = Stops(rawValue: 128)

        fileprivate func contains(_ kind: Token.Kind) -> Bool {
            switch kind {
            case .end: true
            case .word, .quoted: false
            case .notEqual, .matches, .notMatches: contains(.label)
            case .symbol(let symbol): contains(symbol)
            }
        }

        private func contains(_ symbol: Unicode.Scalar) -> Bool {
            switch symbol {
            case ",": !isDisjoint(with: [.lists, .argument, .formula, .label, .labelValue])
            case "(": !isDisjoint(with: [.lists, .argument, .labelValue])
            case ")", "|": !isDisjoint(with: [.lists, .argument, .formula])
            case "[", "]": contains(.lists)
            case "*": !isDisjoint(with: [.star, .formula])
            case ":": contains(.colon)
            case "=": !isDisjoint(with: [.equals, .formula, .label])
            case "+", "-", "/", "%", "^", "!": contains(.formula)
            case "{", "}": !isDisjoint(with: [.label, .labelValue])
            default: false
            }
        }
    }

    /// The value that begins here, without its quotes if it is nothing but a text in quotes; nil if none does.
    mutating func takeCompound(_ stops: Stops) throws(QueryError) -> ByteString? {
        guard !stops.contains(lexer.token.kind) else { return nil }
        let start = lexer.token.start
        var end = lexer.token.end
        var value: ByteString?
        if case .quoted(let text) = lexer.token.kind { value = text }
        try lexer.advance()
        while isAdjacent, !stops.contains(lexer.token.kind) {
            value = nil
            end = lexer.token.end
            try lexer.advance()
        }
        return value ?? ByteString(lexer.bytes[start..<end])
    }

    mutating func requireCompound(_ stops: Stops, _ what: String) throws(QueryError) -> ByteString {
        guard let value = try takeCompound(stops) else { throw unexpected([what]) }
        return value
    }
}
