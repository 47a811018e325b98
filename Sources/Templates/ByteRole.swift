/// What a byte does to the tokens of a message.
enum ByteRole: UInt8 {
    /// Belongs to a word.
    case letter
    /// Ends a word.
    case space
    /// Ends a word and is a token itself.
    case delimiter
    /// Belongs to a word, unless another dot follows.
    case dot

    static let table: [ByteRole] = (0...255).map { byte in
        switch UInt8(byte) {
        case 9...13, 32: .space
        case UInt8(ascii: "."): .dot
        default: "()[]{}\"',;:=|<>".utf8.contains(UInt8(byte)) ? .delimiter : .letter
        }
    }

    /// The bracket that closes an opening one.
    static func closing(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "("): UInt8(ascii: ")")
        case UInt8(ascii: "["): UInt8(ascii: "]")
        case UInt8(ascii: "{"): UInt8(ascii: "}")
        default: nil
        }
    }

    static func isClosing(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: ")") || byte == UInt8(ascii: "]") || byte == UInt8(ascii: "}")
    }
}
