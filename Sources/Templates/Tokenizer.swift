import Bytes

/// Cuts a message into the tokens that the miner compares: words, delimiters and variables.
///
/// Beyond what `MessageSplitter` finds, these are variables: paths, file and host names by their endings, names with
/// two dots or more, names of days and months, units behind a number, hex words, quoted and bracketed values of
/// `key=value`, and an absent value (`key= `, `()`). Neighbouring variables and lists of variables become one variable,
/// so that messages whose lists differ in length have equal tokens.
///
/// The tokens are a function of the message's static text and of its variables without digits.
struct Tokenizer: Sendable {
    /// Bytes of a message that are looked at; templates differ well before.
    static let messageBytes = 2_048
    /// Tokens of a message; what follows is ignored. A step that begins below it can add four.
    static let tokensPerMessage = 256
    static let maximumTokens = tokensPerMessage + 4

    /// The tokens as `TokenCode` has them.
    private(set) var codes: [UInt64] = []
    /// Their byte ranges in the message. A variable's spans all that was taken together.
    private(set) var ranges: [Range<UInt32>] = []

    /// Start of the word being read, or -1.
    private var wordStart = -1
    private var wordIsVariable = false
    /// Whether the word being read, or about to begin, is the value of `key=value`.
    private var isValue = false

    private let table = WordTable()
    private let roles = ByteRole.table
    private let dash: UInt64
    private let slash: UInt64

    init() {
        dash = Self.code(of: UInt8(ascii: "-"), table)
        slash = Self.code(of: UInt8(ascii: "/"), table)
    }

    /// Reads a message anew. `variables` are those that `MessageSplitter` found in it. O(length).
    mutating func read(_ message: RawSpan, variables: [Range<UInt32>]) {
        codes.removeAll(keepingCapacity: true)
        ranges.removeAll(keepingCapacity: true)
        wordStart = -1
        isValue = false
        var at = 0
        var next = 0
        while at < message.byteCount && codes.count < Self.tokensPerMessage {
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
        if role == .letter || (role == .dot && !isDot(message, at + 1)) {
            beginWord(at)
            return at + 1
        }
        if role == .dot {
            endWord(message, at)
            var end = at
            while isDot(message, end) { end += 1 }
            append(TokenCode.dots, at, end)
            return end
        }
        if isValue, let end = valueEnd(message, at, byte) { return end }
        endWord(message, at)
        isValue = false
        if role != .space { readDelimiter(message, at, byte) }
        return at + 1
    }

    private func isDot(_ message: RawSpan, _ at: Int) -> Bool {
        at < message.byteCount && message[at] == UInt8(ascii: ".")
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
        guard wordStart >= 0, let closing = ByteRole.closing(byte) else { return nil }
        var end = at + 1
        let limit = min(message.byteCount, at + 64)
        while end < limit, message[end] != closing, roles[Int(message[end])] != .space { end += 1 }
        guard end < limit, message[end] == closing else { return nil }
        wordIsVariable = true
        return end + 1
    }

    private mutating func readDelimiter(_ message: RawSpan, _ at: Int, _ byte: UInt8) {
        let after = at + 1 < message.byteCount ? message[at + 1] : UInt8(ascii: " ")
        append(TokenCode.delimiter(byte), at, at + 1)
        if byte == UInt8(ascii: "=") {
            isValue = roles[Int(after)] != .space
            if !isValue { pushVariable(at + 1, at + 1) }
        } else if ByteRole.closing(byte) != nil, ByteRole.isClosing(after) {
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
        let shape = WordShape(message, start, end, table)
        if shape.isVariable(isFirst: codes.isEmpty, afterVariable: codes.last == TokenCode.variable) {
            pushVariable(start, end)
        } else {
            append(shape.code(message, start), start, end)
        }
    }

    private mutating func append(_ code: UInt64, _ start: Int, _ end: Int) {
        codes.append(code)
        ranges.append(UInt32(start)..<UInt32(end))
    }

    private mutating func removeLast(_ count: Int) {
        codes.removeLast(count)
        ranges.removeLast(count)
    }

    // MARK: taking variables together

    private mutating func pushVariable(_ start: Int, _ end: Int) {
        var start = start
        if let last = ranges.last, Int(last.upperBound) == start, isPrefix(codes[codes.count - 1]) {
            start = Int(last.lowerBound)
            removeLast(1)
        }
        let count = codes.count
        if count > 0, codes[count - 1] == TokenCode.variable {
            extendLast(to: end)
        } else if count > 1, codes[count - 2] == TokenCode.variable, isSeparator(codes[count - 1]) {
            removeLast(1)
            extendLast(to: end)
        } else {
            append(TokenCode.variable, start, end)
        }
    }

    private mutating func extendLast(to end: Int) {
        let last = ranges.count - 1
        ranges[last] = ranges[last].lowerBound..<UInt32(end)
    }

    private func isSeparator(_ code: UInt64) -> Bool {
        code == TokenCode.delimiter(UInt8(ascii: ",")) || code == TokenCode.delimiter(UInt8(ascii: ":"))
            || code == TokenCode.delimiter(UInt8(ascii: "|")) || code == dash || code == slash
    }

    private func isPrefix(_ code: UInt64) -> Bool {
        code == TokenCode.delimiter(UInt8(ascii: "<")) || code == TokenCode.delimiter(UInt8(ascii: ">"))
    }

    private static func code(of byte: UInt8, _ table: WordTable) -> UInt64 {
        let word = [byte]
        return WordShape(word.rawSpan, 0, 1, table).code(word.rawSpan, 0)
    }
}

private func holdsDigit(_ message: RawSpan, _ start: Int, _ end: Int) -> Bool {
    for at in start..<end where message[at] &- UInt8(ascii: "0") <= 9 { return true }
    return false
}
