extension UInt8 {
    /// An ASCII byte of a word: letter, digit or `_`.
    var isWordByte: Bool {
        switch self {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"): true
        default: false
        }
    }

    var isSpace: Bool { self == 0x20 || (self >= 0x09 && self <= 0x0D) }

    var isQuote: Bool { self == UInt8(ascii: "\"") || self == UInt8(ascii: "'") || self == UInt8(ascii: "`") }
}

extension Unicode.Scalar {
    /// A letter, a decimal digit, `_` or a point: what a bare word consists of.
    var isInWord: Bool {
        if value < 0x80 { return UInt8(value).isWordByte || self == "." }
        return switch properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter, .decimalNumber: true
        default: false
        }
    }
}
