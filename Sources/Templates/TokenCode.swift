import Bytes

/// What the miner compares: a word, a delimiter or a variable of a message, as one integer. Equal for equal tokens, and
/// telling in its low bits what the token is.
enum TokenCode {
    /// Any variable, whatever its text.
    static let variable: UInt64 = 0
    /// A run of dots, as in `enabled......1`.
    static let dots: UInt64 = 0x100 << 3

    static let wordFlag: UInt64 = 1
    /// Looks like a value (`a.b`, `a@b`, `null`): two such words in one place are a variable.
    static let valueFlag: UInt64 = 2
    /// Names what comes next (`user`): two words behind it are a variable.
    static let nounFlag: UInt64 = 4
    private static let flags: UInt64 = 7

    static func delimiter(_ byte: UInt8) -> UInt64 { UInt64(byte) << 3 }

    static func word(hash: UInt64, flags: UInt64) -> UInt64 { hash & ~Self.flags | wordFlag | flags }

    static func isWord(_ code: UInt64) -> Bool { code & wordFlag != 0 }
    static func isValue(_ code: UInt64) -> Bool { code == variable || code & valueFlag != 0 }
    static func isNoun(_ code: UInt64) -> Bool { code & nounFlag != 0 }
    static func isDelimiter(_ code: UInt64) -> Bool { code != variable && !isWord(code) }
}
