import Bytes

/// What a word without digits looks like: counted once, then asked whether it is a variable or like one.
struct WordShape {
    private var slashes = 0
    /// Dots but for those at either end.
    private var dots = 0
    private var startsWithSlash = false
    private var isHex = true
    private var holdsJoint = false
    /// What follows the last dot, packed; nil without one, or if it is too long to be the end of a name.
    private var ending: UInt64?
    private let length: Int
    private let packed: UInt64?

    init(_ message: RawSpan, _ start: Int, _ end: Int) {
        length = end - start
        packed = WordSet.packed(message, start, end)
        startsWithSlash = message[start] == UInt8(ascii: "/")
        var first = start
        var last = end
        while first < last, isEdge(message[first]) { first += 1 }
        while last > first, isEdge(message[last - 1]) { last -= 1 }
        for at in start..<end {
            let byte = message[at]
            let inside = at >= first && at < last
            switch byte {
            case UInt8(ascii: "/"):
                slashes += 1
                holdsJoint = holdsJoint || inside
            case UInt8(ascii: "."):
                if inside {
                    dots += 1
                    ending = WordSet.packed(message, at + 1, last)
                }
                holdsJoint = holdsJoint || inside
            case UInt8(ascii: "\\"), UInt8(ascii: "@"), UInt8(ascii: "_"), UInt8(ascii: "-"):
                holdsJoint = holdsJoint || inside
            default: break
            }
            let letter = byte | 0x20
            if letter < UInt8(ascii: "a") || letter > UInt8(ascii: "f") { isHex = false }
        }
    }

    /// Whether the word is a variable wherever it stands.
    func isVariable(isFirst: Bool, afterVariable: Bool) -> Bool {
        if (length > 1 && startsWithSlash) || slashes >= 2 || (isHex && length >= 8) { return true }
        if let ending, WordSet.fileEndings.contains(ending) || WordSet.domains.contains(ending) { return true }
        if isFirst { return false }
        if dots >= 2 { return true }
        guard let packed else { return false }
        return WordSet.dates.contains(packed) || (afterVariable && WordSet.units.contains(packed))
    }

    /// The flags of `TokenCode`.
    var flags: UInt64 {
        var flags: UInt64 = 0
        if holdsJoint { flags |= TokenCode.valueFlag }
        if let packed {
            if WordSet.absent.contains(packed) { flags |= TokenCode.valueFlag }
            if WordSet.nouns.contains(packed) { flags |= TokenCode.nounFlag }
        }
        return flags
    }
}

private func isEdge(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: ".") || byte == UInt8(ascii: ",") || byte == UInt8(ascii: "-")
}
