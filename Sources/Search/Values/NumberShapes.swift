import Bytes

/// Numbers and what is made of numbers inside texts. Each function answers the length of what begins at `offset`, or
/// nil.
enum NumberShapes {
    @inline(__always)
    static func isDigit(_ byte: UInt8) -> Bool { byte &- 48 < 10 }

    @inline(__always)
    static func isHex(_ byte: UInt8) -> Bool { byte &- 48 < 10 || (byte | 0x20) &- 97 < 6 }

    /// What may follow a number although it is a letter: units, and what stands between dates and times.
    private static let followers = Array("_TZsmhun".utf8)
    /// What may stand in front of a number although it is a letter.
    private static let leaders = Array("_TXxvshm".utf8)

    /// Whether a number may begin at `offset`, by what stands in front of it.
    static func mayBegin(_ text: RawSpan, at offset: Int) -> Bool {
        offset == 0 || !Words.isASCIIWordByte(text[offset - 1]) || leaders.contains(text[offset - 1])
    }

    /// The longest run of hex digits: decimal ones, or at least four in pairs; no other letter follows than those that
    /// may.
    static func number(_ text: RawSpan, at offset: Int) -> Int? {
        var at = offset
        var isDecimal = true
        while at < text.byteCount, isHex(text[at]) {
            isDecimal = isDecimal && isDigit(text[at])
            at += 1
        }
        let count = at - offset
        guard count > 0, isDecimal || (count >= 4 && count % 2 == 0) else { return nil }
        if at < text.byteCount, Words.isASCIIWordByte(text[at]), !followers.contains(text[at]) { return nil }
        return count
    }

    /// A text in quotes of any kind, or word characters, maybe none; nothing at the end of the text.
    static func word(_ text: RawSpan, at offset: Int) -> Int? {
        guard offset < text.byteCount else { return nil }
        if ["\"", "'", "`"].contains(Unicode.Scalar(text[offset])) { return quoted(text, at: offset) }
        var at = offset
        while at < text.byteCount {
            let (scalar, length) = Words.scalar(text, at: at)
            guard Words.isWordScalar(scalar) else { break }
            at += length
        }
        return at - offset
    }

    private static func quoted(_ text: RawSpan, at offset: Int) -> Int? {
        let quote = text[offset]
        var at = offset + 1
        while at < text.byteCount, text[at] != quote {
            at += text[at] == UInt8(ascii: "\\") && quote != UInt8(ascii: "`") ? 2 : 1
        }
        return at < text.byteCount ? at + 1 - offset : nil
    }

    /// Numbers with these separators between them, one more than separators.
    private static func joined(_ text: RawSpan, at offset: Int, _ separators: [UInt8]) -> Int? {
        var at = offset
        for index in 0...separators.count {
            guard let length = number(text, at: at) else { return nil }
            at += length
            if index < separators.count {
                guard at < text.byteCount, text[at] == separators[index] else { return nil }
                at += 1
            }
        }
        return at - offset
    }

    static func uuid(_ text: RawSpan, at offset: Int) -> Int? { joined(text, at: offset, [45, 45, 45, 45]) }

    static func address(_ text: RawSpan, at offset: Int) -> Int? { joined(text, at: offset, [46, 46, 46]) }

    static func date(_ text: RawSpan, at offset: Int) -> Int? {
        joined(text, at: offset, [45, 45]) ?? joined(text, at: offset, [47, 47])
    }

    /// With fractional seconds.
    static func time(_ text: RawSpan, at offset: Int) -> Int? {
        guard let length = joined(text, at: offset, [58, 58]) else { return nil }
        let at = offset + length
        guard at < text.byteCount, text[at] == 46 || text[at] == 44, let fraction = number(text, at: at + 1) else {
            return length
        }
        return length + 1 + fraction
    }

    /// With a zone.
    static func dateTime(_ text: RawSpan, at offset: Int) -> Int? {
        guard let dateLength = date(text, at: offset) else { return nil }
        var at = offset + dateLength
        guard at < text.byteCount, text[at] == UInt8(ascii: "T") || text[at] == UInt8(ascii: " "),
            let timeLength = time(text, at: at + 1)
        else { return nil }
        at += 1 + timeLength
        if at < text.byteCount, text[at] == UInt8(ascii: "Z") { return at + 1 - offset }
        if at < text.byteCount, text[at] == 43 || text[at] == 45, let zone = joined(text, at: at + 1, [58]) {
            return at + 1 + zone - offset
        }
        return at - offset
    }
}
