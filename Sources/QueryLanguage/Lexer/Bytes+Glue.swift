extension UInt8 {
    /// A sign that a bare word may hold between its letters: `foo-bar/baz.1`.
    var isGlue: Bool {
        switch self {
        case UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "/"), UInt8(ascii: "+"), UInt8(ascii: "$"),
            UInt8(ascii: "@"), UInt8(ascii: "%"), UInt8(ascii: "&"), UInt8(ascii: "^"), UInt8(ascii: "?"),
            UInt8(ascii: ";"), UInt8(ascii: "\\"):
            true
        default: false
        }
    }

    /// A byte of a bare number, duration, address or time.
    var isLiteralByte: Bool {
        isWordByte || self == UInt8(ascii: ".") || self == UInt8(ascii: ":") || self == UInt8(ascii: "-")
            || self == UInt8(ascii: "+") || self == UInt8(ascii: "/")
    }
}
