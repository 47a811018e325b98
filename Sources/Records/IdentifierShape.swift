import Bytes

/// Which texts look like identifiers that a machine has made up, whatever their field is called.
public enum IdentifierShape {
    /// Lengths of such texts: shorter ones recur by chance, longer ones carry something.
    private static let lengths = 16...80
    /// Values of a column that are looked at, and places that are asked for one before all are.
    private static let judgedValues = 32
    private static let askedPlaces = 128

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

    /// Whether a good part of a column's values, an eighth of those that are looked at, are such, or numbers of 17 to
    /// 20 digits where `takesNumbers`: records of several kinds share a field. O(1), of columns with few values
    /// O(rows).
    public static func areIdentifiers(
        _ values: [RecordBatch.Slice], _ arena: RawSpan, takesNumbers: Bool
    ) -> Bool {
        var judged = 0
        var found = 0
        func judge(_ value: RecordBatch.Slice) {
            judged += 1
            let text = arena.slice(Int(value.offset), Int(value.length))
            if isRandom(text) || (takesNumbers && isLongNumber(text)) { found += 1 }
        }
        if values.count <= askedPlaces {
            for value in values where value.length > 0 { judge(value) }
        } else {
            var asked = 0
            // Places by a hash: rows of one kind may come at every fourth place.
            while asked < askedPlaces, judged < judgedValues {
                let value = values[place(asked, of: values.count)]
                asked += 1
                if value.length > 0 { judge(value) }
            }
            if judged < judgedValues / 8 {
                for value in values where value.length > 0 {
                    judge(value)
                    if judged == judgedValues { break }
                }
            }
        }
        return found > 0 && found * 8 >= judged
    }

    private static func place(_ number: Int, of count: Int) -> Int {
        let hash = UInt64(number + 1) &* 0x9E37_79B9_7F4A_7C15
        return Int((hash ^ (hash >> 32)) % UInt64(count))
    }

    /// As many digits as a time in nanoseconds has, or an ID that counts on from one.
    private static func isLongNumber(_ text: RawSpan) -> Bool {
        guard (17...20).contains(text.byteCount) else { return false }
        for offset in 0..<text.byteCount where text[offset] &- UInt8(ascii: "0") > 9 { return false }
        return true
    }

    /// The same for values that are known as numbers. O(1).
    public static func areLongNumbers(_ values: [Int64]) -> Bool {
        guard !values.isEmpty else { return false }
        let judged = min(values.count, judgedValues)
        let found = (0..<judged).count { values[place($0, of: values.count)] >= 10_000_000_000_000_000 }
        return found > 0 && found * 8 >= judged
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
