import Bytes

/// Cuts a message into the tokens that the miner compares: words, delimiters and variables.
///
/// Beyond what `MessageSplitter` finds, these are variables: paths, file and host names by their endings, names with two
/// dots or more, names of days and months, units behind a number, hex words, quoted and bracketed values of `key=value`, and an absent value (`key= `,
/// `()`). Neighbouring variables, lists of variables and a variable's gloss in brackets (`403 bytes (1.2 KB)`) become
/// one variable, so that messages whose lists differ in length have equal tokens.
///
/// The tokens are a function of the message's static text and of its variables without digits.
struct Tokenizer: Sendable {
    /// Bytes of a message that are looked at; templates differ well before.
    static let messageBytes = 2_048
    /// Tokens of a message; what follows is ignored. A step that begins below it can add four.
    static let tokensPerMessage = 256
    static let maximumTokens = tokensPerMessage + 4

    var tokens: [Token] = []

    /// Start of the word being read, or -1.
    private var wordStart = -1
    private var wordIsVariable = false
    /// Whether the word being read, or about to begin, is the value of `key=value`.
    private var isValue = false

    /// Fills `tokens`. `variables` are the message's as `MessageSplitter` found them. O(length).
    mutating func read(_ message: RawSpan, variables: [Range<UInt32>]) {
        tokens.removeAll(keepingCapacity: true)
        wordStart = -1
        isValue = false
        var at = 0
        var next = 0
        while at < message.byteCount && tokens.count < Self.tokensPerMessage {
            while next < variables.count && Int(variables[next].lowerBound) < at { next += 1 }
            if next < variables.count, Int(variables[next].lowerBound) == at {
                let end = Int(variables[next].upperBound)
                if holdsDigit(message, at, end) {
                    beginWord(at)
                    wordIsVariable = true
                    at = end
                    continue
                }
            }
            at = readByte(message, at)
        }
        endWord(message, at)
    }

    private mutating func beginWord(_ at: Int) {
        guard wordStart < 0 else { return }
        wordStart = at
        wordIsVariable = false
    }

    /// Reads what begins at a byte outside of the digit variables; returns where to go on.
    private mutating func readByte(_ message: RawSpan, _ at: Int) -> Int {
        let byte = message[at]
        let role = roles[Int(byte)]
        if role == .letter {
            beginWord(at)
            return at + 1
        }
        if role == .dot {
            guard at + 1 < message.byteCount, message[at + 1] == UInt8(ascii: ".") else {
                beginWord(at)
                return at + 1
            }
            endWord(message, at)
            var end = at
            while end < message.byteCount && message[end] == UInt8(ascii: ".") { end += 1 }
            tokens.append(Token(code: TokenCode.dots, start: UInt32(at), end: UInt32(end)))
            return end
        }
        if isValue, let end = valueEnd(message, at, byte) { return end }
        endWord(message, at)
        isValue = false
        if role != .space { readDelimiter(message, at, byte) }
        return at + 1
    }

    /// Inside the value of `key=value`, quotes, colons and brackets belong to the value.
    private mutating func valueEnd(_ message: RawSpan, _ at: Int, _ byte: UInt8) -> Int? {
        if byte == UInt8(ascii: "\""), wordStart < 0, let quote = firstIndex(of: byte, in: message, from: at + 1) {
            pushVariable(at, quote + 1)
            isValue = false
            return quote + 1
        }
        if byte == UInt8(ascii: ":") {
            beginWord(at)
            wordIsVariable = true
            return at + 1
        }
        guard wordStart >= 0, let closing = closingBracket(byte) else { return nil }
        var end = at + 1
        let limit = min(message.byteCount, at + 64)
        while end < limit, message[end] != closing, roles[Int(message[end])] != .space { end += 1 }
        guard end < limit, message[end] == closing else { return nil }
        wordIsVariable = true
        return end + 1
    }

    private mutating func readDelimiter(_ message: RawSpan, _ at: Int, _ byte: UInt8) {
        let after = at + 1 < message.byteCount ? message[at + 1] : UInt8(ascii: " ")
        if isClosing(byte), absorbGloss(at + 1) { return }
        tokens.append(Token(code: TokenCode.delimiter(byte), start: UInt32(at), end: UInt32(at + 1)))
        if byte == UInt8(ascii: "=") {
            isValue = roles[Int(after)] != .space
            if !isValue { pushVariable(at + 1, at + 1) }
        } else if closingBracket(byte) != nil, isClosing(after) {
            pushVariable(at + 1, at + 1)
        }
    }

    private mutating func endWord(_ message: RawSpan, _ end: Int) {
        guard wordStart >= 0 else { return }
        let start = wordStart
        wordStart = -1
        if wordIsVariable {
            pushVariable(start, end)
            return
        }
        let shape = WordShape(message, start, end)
        if shape.isVariable(isFirst: tokens.isEmpty, afterVariable: tokens.last?.code == TokenCode.variable) {
            pushVariable(start, end)
        } else {
            let hash = hash64(message.slice(start, end - start))
            let code = TokenCode.word(hash: hash, flags: shape.flags)
            tokens.append(Token(code: code, start: UInt32(start), end: UInt32(end)))
        }
    }

    // MARK: taking variables together

    private mutating func pushVariable(_ start: Int, _ end: Int) {
        var start = UInt32(start)
        if let last = tokens.last, last.end == start, last.end - last.start == 1, isPrefix(last.code) {
            start = last.start
            tokens.removeLast()
        }
        let count = tokens.count
        if count > 0, tokens[count - 1].code == TokenCode.variable {
            tokens[count - 1].end = UInt32(end)
        } else if count > 1, tokens[count - 2].code == TokenCode.variable, isSeparator(tokens[count - 1]) {
            tokens[count - 2].end = UInt32(end)
            tokens.removeLast()
        } else {
            tokens.append(Token(code: TokenCode.variable, start: start, end: UInt32(end)))
        }
    }

    /// A variable in brackets behind a variable joins it when the bracket closes.
    private mutating func absorbGloss(_ end: Int) -> Bool {
        let count = tokens.count
        guard count >= 3, tokens[count - 1].code == TokenCode.variable, tokens[count - 3].code == TokenCode.variable
        else {
            return false
        }
        let opening = tokens[count - 2].code
        guard opening == TokenCode.delimiter(UInt8(ascii: "(")) || opening == TokenCode.delimiter(UInt8(ascii: "["))
        else { return false }
        tokens.removeLast(2)
        tokens[count - 3].end = UInt32(end)
        return true
    }

    private func isSeparator(_ token: Token) -> Bool {
        guard token.end - token.start == 1 else { return false }
        switch token.code {
        case TokenCode.delimiter(UInt8(ascii: ",")), TokenCode.delimiter(UInt8(ascii: ":")),
            TokenCode.delimiter(UInt8(ascii: "|")), Self.dash, Self.slash:
            return true
        default: return false
        }
    }

    private func isPrefix(_ code: UInt64) -> Bool {
        code == TokenCode.delimiter(UInt8(ascii: "<")) || code == TokenCode.delimiter(UInt8(ascii: ">"))
    }

    private static let dash = code(of: "-")
    private static let slash = code(of: "/")

    private static func code(of word: String) -> UInt64 {
        let bytes = Array(word.utf8)
        return TokenCode.word(
            hash: hash64(bytes.rawSpan), flags: WordShape(bytes.rawSpan, 0, bytes.count).flags)
    }
}

private func holdsDigit(_ message: RawSpan, _ start: Int, _ end: Int) -> Bool {
    for at in start..<end where message[at] &- UInt8(ascii: "0") <= 9 { return true }
    return false
}

private func closingBracket(_ byte: UInt8) -> UInt8? {
    switch byte {
    case UInt8(ascii: "("): UInt8(ascii: ")")
    case UInt8(ascii: "["): UInt8(ascii: "]")
    case UInt8(ascii: "{"): UInt8(ascii: "}")
    default: nil
    }
}

private func isClosing(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: ")") || byte == UInt8(ascii: "]") || byte == UInt8(ascii: "}")
}

private enum Role: UInt8 {
    case letter, space, delimiter, dot
}

private let roles: [Role] = (0...255).map { byte in
    switch UInt8(byte) {
    case 9...13, 32: .space
    case UInt8(ascii: "."): .dot
    default: "()[]{}\"',;:=|<>".utf8.contains(UInt8(byte)) ? .delimiter : .letter
    }
}
