import Bytes

/// Labels as Prometheus writes them: `{app="shop", path="a\\b"}`.
enum LokiLabels {
    typealias Label = (name: [UInt8], value: [UInt8])

    /// O(length).
    static func parse(_ bytes: RawSpan, _ range: Range<Int>) throws(PushError) -> [Label] {
        var place = range.lowerBound
        let end = range.upperBound
        var labels: [Label] = []
        try expect(.openBrace, bytes, &place, end)
        skipBlanks(bytes, &place, end)
        while place < end, bytes[place] != .closeBrace {
            let start = place
            while place < end, bytes[place] != UInt8(ascii: "="), !isJSONBlank(bytes[place]) { place += 1 }
            guard place > start else { throw PushError("expected the name of a label", at: place) }
            let name = bytes.copy(start..<place)
            try expect(UInt8(ascii: "="), bytes, &place, end)
            labels.append((name, try value(bytes, &place, end)))
            skipBlanks(bytes, &place, end)
            guard place < end, bytes[place] == .comma else { break }
            place += 1
            skipBlanks(bytes, &place, end)
        }
        try expect(.closeBrace, bytes, &place, end)
        return labels
    }

    private static func value(_ bytes: RawSpan, _ place: inout Int, _ end: Int) throws(PushError) -> [UInt8] {
        skipBlanks(bytes, &place, end)
        guard place < end, bytes[place] == .quote || bytes[place] == UInt8(ascii: "`") else {
            throw PushError("expected the value of a label in quotes", at: place)
        }
        let quote = bytes[place]
        let isRaw = quote != .quote
        let text = bytes.slice(0, end)
        var value: [UInt8] = []
        place += 1
        while place < end, bytes[place] != quote {
            guard !isRaw, bytes[place] == UInt8(ascii: "\\") else {
                value.append(bytes[place])
                place += 1
                continue
            }
            do throws(QuotedEscape.Fault) {
                place += 1 + (try QuotedEscape.append(text, at: place + 1, within: quote, to: &value))
            } catch {
                throw PushError("an escape that means nothing", at: place)
            }
        }
        guard place < end else { throw PushError("the value of a label without its second quote", at: place) }
        place += 1
        return value
    }

    private static func expect(_ byte: UInt8, _ bytes: RawSpan, _ place: inout Int, _ end: Int) throws(PushError) {
        skipBlanks(bytes, &place, end)
        guard place < end, bytes[place] == byte else {
            throw PushError("labels: expected \(Character(UnicodeScalar(byte)))", at: place)
        }
        place += 1
    }

    private static func skipBlanks(_ bytes: RawSpan, _ place: inout Int, _ end: Int) {
        while place < end, isJSONBlank(bytes[place]) { place += 1 }
    }
}
