import Bytes

/// Which texts look like identifiers that a machine has made up, whatever their field is called.
public enum IdentifierShape {
    /// Lengths of such texts: shorter ones recur by chance, longer ones carry something.
    private static let lengths = 16...80
    /// Values of a column that are looked at.
    private static let judgedValues = 16

    /// Digits among letters, in one piece but for dashes and underscores, without words: ULID, KSUID, nano ID,
    /// `ch_3IS4hsuxKo9F6pdnfkvWNQy`, `usr_` with hex digits, and UUIDs in braces or as a URN. Numbers are not: nothing
    /// tells a long one from a time. O(length).
    public static func isRandom(_ text: RawSpan) -> Bool {
        guard lengths.contains(text.byteCount) else { return false }
        guard IdentifierField.wrapped(text) == nil else { return true }
        var digits = 0
        var changes = 0
        var before = Kind.separator
        for offset in 0..<text.byteCount {
            guard let kind = Kind(text[offset]) else { return false }
            if kind == .digit { digits += 1 }
            if kind != before, kind != .separator, before != .separator { changes += 1 }
            before = kind
        }
        // Random letters and digits change kinds at every other place, words and dates hardly ever.
        return digits >= 2 && digits < text.byteCount && changes >= max(5, text.byteCount / 6)
    }

    /// Whether most of a column's values are such: of some of them, evenly spread. O(1).
    public static func areRandom(_ values: [RecordBatch.Slice], _ arena: RawSpan) -> Bool {
        let step = max(1, values.count / judgedValues)
        var judged = 0
        var random = 0
        var place = 0
        // Where most rows have no value, those that do are sought among more of them.
        var asked = 0
        while place < values.count, judged < judgedValues, asked < 4 * judgedValues {
            let value = values[place]
            place += value.length == 0 ? max(1, step / 4) : step
            asked += 1
            guard value.length > 0 else { continue }
            judged += 1
            if isRandom(arena.slice(Int(value.offset), Int(value.length))) { random += 1 }
        }
        return random > 0 && random * 2 >= judged
    }

    private enum Kind {
        case lower, upper, digit, separator

        /// Nil for what stands in no such identifier.
        init?(_ byte: UInt8) {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"): self = .lower
            case UInt8(ascii: "A")...UInt8(ascii: "Z"): self = .upper
            case UInt8(ascii: "0")...UInt8(ascii: "9"): self = .digit
            case UInt8(ascii: "-"), UInt8(ascii: "_"): self = .separator
            default: return nil
            }
        }
    }
}
