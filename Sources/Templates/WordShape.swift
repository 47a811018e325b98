import Bytes

/// What a word without digits looks like: read once, then asked whether it is a variable or like one.
struct WordShape {
    private var slashes = 0
    /// Dots but for those at either end.
    private var dots = 0
    private var isHex = true
    private var holdsJoint = false
    private let startsWithSlash: Bool
    private let length: Int
    private let packed: UInt64
    private let meaning: WordTable.Meaning
    /// Of what follows the last inner dot.
    private var endingMeaning: WordTable.Meaning = []

    /// - Parameter start: less than `end`.
    @inline(__always)
    init(_ message: RawSpan, _ start: Int, _ end: Int, _ table: WordTable) {
        length = end - start
        packed = WordTable.pack(message, start, end)
        meaning = table.meaning(of: packed)
        startsWithSlash = message[start] == UInt8(ascii: "/")
        var lastDot = end
        for at in start..<end {
            let byte = message[at]
            let letter = byte | 0x20
            if letter >= UInt8(ascii: "a") && letter <= UInt8(ascii: "z") {
                if letter > UInt8(ascii: "f") { isHex = false }
                continue
            }
            isHex = false
            let inside = at > start && at + 1 < end
            switch byte {
            case UInt8(ascii: "/"):
                slashes += 1
                holdsJoint = true
            case UInt8(ascii: ".") where inside:
                dots += 1
                lastDot = at
                holdsJoint = true
            case UInt8(ascii: "\\"), UInt8(ascii: "@"): holdsJoint = true
            default: break
            }
        }
        if lastDot < end {
            let last = message[end - 1]
            let trimmed = last == UInt8(ascii: ".") || last == UInt8(ascii: "-") ? end - 1 : end
            endingMeaning = table.meaning(of: WordTable.pack(message, lastDot + 1, trimmed))
        }
    }

    /// Whether the word is a variable wherever it stands.
    func isVariable(isFirst: Bool, afterVariable: Bool) -> Bool {
        if (length > 1 && startsWithSlash) || slashes >= 2 || (isHex && length >= 8) { return true }
        if !endingMeaning.isDisjoint(with: [.fileEnding, .domain]) { return true }
        if isFirst { return false }
        return dots >= 2 || meaning.contains(.date) || (afterVariable && meaning.contains(.unit))
    }

    /// The token's code; `message` is that of `init`.
    func code(_ message: RawSpan, _ start: Int) -> UInt64 {
        var flags: UInt64 = 0
        if holdsJoint || meaning.contains(.absent) { flags |= TokenCode.valueFlag }
        if meaning.contains(.noun) { flags |= TokenCode.nounFlag }
        let hash = packed != 0 ? mixed(packed) : hash64(message.slice(start, length))
        return TokenCode.word(hash: hash, flags: flags)
    }
}
