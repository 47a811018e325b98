import Bytes

/// `collapse_nums`: numbers become `<N>`, and with `prettify` what is made of numbers gets a name of its own.
struct NumberCollapser: Sendable {
    let prettifies: Bool

    func collapse(_ text: RawSpan, _ output: inout [UInt8]) {
        var collapsed: [UInt8] = []
        var at = 0
        while at < text.byteCount {
            let start = at
            while at < text.byteCount, NumberShapes.isHex(text[at]) { at += 1 }
            if at == start {
                collapsed.append(text[at])
                at += 1
            } else if let numberStart = Self.numberStart(text, start), Self.canEnd(text, at),
                Self.isNumber(text, from: numberStart, to: at)
            {
                collapsed.append(copying: text.slice(start, numberStart - start))
                collapsed.append(contentsOf: "<N>".utf8)
            } else {
                collapsed.append(copying: text.slice(start, at - start))
            }
        }
        if prettifies { Self.prettify(collapsed, &output) } else { output.append(contentsOf: collapsed) }
    }

    /// A number begins a run of hexadecimal digits, at the start of a word or behind a letter that often stands before
    /// numbers, as in `v1` and `0x1f`.
    private static func numberStart(_ text: RawSpan, _ start: Int) -> Int? {
        guard start > 0, Words.isWord(text, before: start) else { return start }
        return Array("TXxvshm".utf8).contains(text[start - 1]) ? start : nil
    }

    /// Whether a number can end before `offset`: at the end of a word, or at a unit.
    private static func canEnd(_ text: RawSpan, _ offset: Int) -> Bool {
        guard offset < text.byteCount, Words.isWord(text, at: offset) else { return true }
        if Array("TZsmhun".utf8).contains(text[offset]) { return true }
        // U+03BC GREEK SMALL LETTER MU, of microseconds.
        return text[offset] == 0xCE && offset + 1 < text.byteCount && text[offset + 1] == 0xBC
    }

    /// Any decimal number; a hexadecimal one has at least four digits, in pairs, since shorter ones are mostly words.
    private static func isNumber(_ text: RawSpan, from start: Int, to end: Int) -> Bool {
        for index in start..<end where !NumberShapes.isDigit(text[index]) {
            return end - start >= 4 && (end - start) % 2 == 0
        }
        return true
    }

    /// What is made of numbers, its name, and what belongs to it where it follows.
    private static let rules: [(pattern: [UInt8], name: [UInt8], tails: [[UInt8]])] = [
        ("<N>-<N>-<N>-<N>-<N>", "<UUID>", []), ("<N>.<N>.<N>.<N>", "<IP4>", []),
        ("<N>:<N>:<N>", "<TIME>", [".<N>", ",<N>"]), ("<N>-<N>-<N>", "<DATE>", []), ("<N>/<N>/<N>", "<DATE>", []),
        ("<DATE>T<TIME>", "<DATETIME>", ["Z", "-<N>:<N>", "+<N>:<N>"]),
        ("<DATE> <TIME>", "<DATETIME>", ["Z", "-<N>:<N>", "+<N>:<N>"]),
    ].map { (Array($0.0.utf8), Array($0.1.utf8), $0.2.map { Array($0.utf8) }) }

    private static func prettify(_ text: [UInt8], _ output: inout [UInt8]) {
        var text = text
        for rule in rules {
            var next: [UInt8] = []
            var at = 0
            while let found = firstRange(of: rule.pattern.rawSpan, in: text.rawSpan, from: at) {
                next.append(contentsOf: text[at..<found])
                next.append(contentsOf: rule.name)
                at = found + rule.pattern.count
                at += rule.tails.first { text[at...].starts(with: $0) }?.count ?? 0
            }
            next.append(contentsOf: text[at...])
            text = next
        }
        output.append(contentsOf: text)
    }
}
