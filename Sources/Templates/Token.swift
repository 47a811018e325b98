import Bytes

/// A word, a delimiter or a variable of a message, as the miner compares them.
struct Token: Sendable {
    /// Equal for equal tokens: the hash of the text with the flags below in its low bits.
    var code: UInt64
    /// Byte range in the message. A variable's range can span several words that were taken together.
    var start: UInt32
    var end: UInt32
}

/// What a token's code says about it.
enum TokenCode {
    /// Any variable, whatever its text.
    static let variable: UInt64 = 0
    /// A run of dots, as in `enabled......1`.
    static let dots: UInt64 = 0x100 << 3

    static let wordFlag: UInt64 = 1
    /// Looks like a value (`a.b`, `x_y`, `null`): two such words in one place are a variable.
    static let valueFlag: UInt64 = 2
    /// Names what comes next (`user`): two words behind it are a variable.
    static let nounFlag: UInt64 = 4
    static let flags: UInt64 = 7

    static func delimiter(_ byte: UInt8) -> UInt64 { UInt64(byte) << 3 }

    static func word(hash: UInt64, flags: UInt64) -> UInt64 { hash & ~Self.flags | wordFlag | flags }

    static func isWord(_ code: UInt64) -> Bool { code & wordFlag != 0 }
    static func isValue(_ code: UInt64) -> Bool { code == variable || code & valueFlag != 0 }
    static func isNoun(_ code: UInt64) -> Bool { code & nounFlag != 0 }
    static func isDelimiter(_ code: UInt64) -> Bool { code != variable && !isWord(code) }
}
