import Bytes

/// Numbers and what is made of numbers inside texts. Each function answers the length of what begins at `offset`, or
/// nil.
enum NumberShapes {
    @inline(__always)
    static func isDigit(_ byte: UInt8) -> Bool { byte &- 48 < 10 }

    @inline(__always)
    static func isHex(_ byte: UInt8) -> Bool { byte &- 48 < 10 || (byte | 0x20) &- 97 < 6 }

    /// A run of decimal digits, or of at least four hex digits in pairs, that no word character continues; a leading
    /// `0x` belongs to it.
    static func number(_ text: RawSpan, at offset: Int) -> Int? {
        guard offset < text.byteCount, isHex(text[offset]) else { return nil }
        var at = offset
        if text[at] == 48, at + 2 < text.byteCount, text[at + 1] | 0x20 == 120, isHex(text[at + 2]) { at += 2 }
        let start = at
        var decimal = true
        while at < text.byteCount, isHex(text[at]) {
            if !isDigit(text[at]) { decimal = false }
            at += 1
        }
        let count = at - start
        if decimal {
            // Units may follow a decimal number (`12ms`, `3KB`), other letters may not.
            return at < text.byteCount && Words.isASCIIWordByte(text[at]) && !isUnit(text, at: at) ? nil : at - offset
        }
        if at < text.byteCount, Words.isASCIIWordByte(text[at]) { return decimalPrefix(text, at: offset) }
        return count >= 4 && count % 2 == 0 ? at - offset : decimalPrefix(text, at: offset)
    }

    /// Decimal digits in front of a unit, such as `3` in `3d`.
    private static func decimalPrefix(_ text: RawSpan, at offset: Int) -> Int? {
        var at = offset
        while at < text.byteCount, isDigit(text[at]) { at += 1 }
        return at > offset && isUnit(text, at: at) ? at - offset : nil
    }

    private static let units: [[UInt8]] = [
        "s", "m", "h", "d", "w", "y", "ms", "us", "ns", "K", "M", "G", "T", "B", "KB", "MB", "GB", "TB", "Ki", "Mi",
        "Gi", "Ti",
        "KiB", "MiB", "GiB", "TiB",
    ].map { Array($0.utf8) }

    /// Whether a unit begins at `offset` with no word character behind it but digits (`1h5m`). `T` also separates
    /// dates and times.
    private static func isUnit(_ text: RawSpan, at offset: Int) -> Bool {
        guard offset < text.byteCount else { return false }
        if text[offset] == UInt8(ascii: "T") || text[offset] == UInt8(ascii: "Z") { return true }
        for unit in units where offset + unit.count <= text.byteCount {
            let end = offset + unit.count
            guard text.slice(offset, unit.count).equals(unit.rawSpan) else { continue }
            if end == text.byteCount || isDigit(text[end]) || !Words.isASCIIWordByte(text[end]) { return true }
        }
        return false
    }

    static func word(_ text: RawSpan, at offset: Int) -> Int? {
        var at = offset
        if at < text.byteCount, text[at] == UInt8(ascii: "\"") {
            return JSONText.string(text, at: at).map { $0.end - offset }
        }
        while at < text.byteCount {
            let (scalar, length) = Words.scalar(text, at: at)
            guard Words.isWordScalar(scalar) else { break }
            at += length
        }
        return at > offset ? at - offset : nil
    }

    /// Runs of digits (hex if `hex`) with these separators between them, one run more than separators.
    private static func joined(
        _ text: RawSpan, at offset: Int, _ separators: [UInt8], hex: Bool = false
    ) -> Int? {
        var at = offset
        for index in 0...separators.count {
            let start = at
            while at < text.byteCount, hex ? isHex(text[at]) : isDigit(text[at]) { at += 1 }
            guard at > start else { return nil }
            if index < separators.count {
                guard at < text.byteCount, text[at] == separators[index] else { return nil }
                at += 1
            }
        }
        return at - offset
    }

    static func uuid(_ text: RawSpan, at offset: Int) -> Int? {
        joined(text, at: offset, [45, 45, 45, 45], hex: true)
    }

    static func address(_ text: RawSpan, at offset: Int) -> Int? { joined(text, at: offset, [46, 46, 46]) }

    static func date(_ text: RawSpan, at offset: Int) -> Int? {
        joined(text, at: offset, [45, 45]) ?? joined(text, at: offset, [47, 47])
    }

    /// With fractional seconds.
    static func time(_ text: RawSpan, at offset: Int) -> Int? {
        guard let length = joined(text, at: offset, [58, 58]) else { return nil }
        let at = offset + length
        guard at + 1 < text.byteCount, text[at] == 46 || text[at] == 44, isDigit(text[at + 1]) else { return length }
        var end = at + 1
        while end < text.byteCount, isDigit(text[end]) { end += 1 }
        return end - offset
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
