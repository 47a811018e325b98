import Bytes

/// `collapse_nums`: numbers become `<N>`, and with `prettify` what is made of numbers gets a name of its own.
struct NumberCollapser: Sendable {
    let prettifies: Bool

    func collapse(_ text: RawSpan, _ output: inout [UInt8]) {
        var collapsed: [UInt8] = []
        var at = 0
        while at < text.byteCount {
            if canStart(text, at), let length = NumberShapes.number(text, at: at) {
                collapsed.append(contentsOf: "<N>".utf8)
                at += length
                continue
            }
            // A word that is no number is taken whole: no number begins within it.
            let isWord = Words.isASCIIWordByte(text[at])
            collapsed.append(text[at])
            at += 1
            while isWord, at < text.byteCount, Words.isASCIIWordByte(text[at]), !canStart(text, at) {
                collapsed.append(text[at])
                at += 1
            }
        }
        if prettifies { Self.prettify(collapsed, &output) } else { output.append(contentsOf: collapsed) }
    }

    /// Whether a number can begin at `offset`: at a word's start, behind a unit's letter as in `1h5m`, or behind `T`
    /// and `_`.
    private func canStart(_ text: RawSpan, _ offset: Int) -> Bool {
        if offset == 0 { return true }
        let before = text[offset - 1]
        if !Words.isASCIIWordByte(before) || before == UInt8(ascii: "_") {
            return before < 0x80 || !Words.isWord(text, before: offset)
        }
        return NumberShapes.isDigit(text[offset]) && !NumberShapes.isDigit(before) && startsUnit(before)
    }

    private func startsUnit(_ byte: UInt8) -> Bool { Array("TsmhdwyKMGTBi".utf8).contains(byte) }

    private static let rules: [(pattern: [UInt8], name: [UInt8])] = [
        ("<N>-<N>-<N>-<N>-<N>", "<UUID>"), ("<N>.<N>.<N>.<N>", "<IP4>"), ("<N>:<N>:<N>.<N>", "<TIME>"),
        ("<N>:<N>:<N>,<N>", "<TIME>"), ("<N>:<N>:<N>", "<TIME>"), ("<N>-<N>-<N>", "<DATE>"), ("<N>/<N>/<N>", "<DATE>"),
        ("<DATE>T<TIME>Z", "<DATETIME>"), ("<DATE>T<TIME>+<N>:<N>", "<DATETIME>"),
        ("<DATE>T<TIME>-<N>:<N>", "<DATETIME>"),
        ("<DATE>T<TIME>", "<DATETIME>"), ("<DATE> <TIME>Z", "<DATETIME>"), ("<DATE> <TIME>+<N>:<N>", "<DATETIME>"),
        ("<DATE> <TIME>-<N>:<N>", "<DATETIME>"), ("<DATE> <TIME>", "<DATETIME>"),
    ].map { (Array($0.0.utf8), Array($0.1.utf8)) }

    private static func prettify(_ text: [UInt8], _ output: inout [UInt8]) {
        var text = text
        for (pattern, name) in rules {
            var next: [UInt8] = []
            TextFunctions.replace(text.rawSpan, pattern, name, limit: 0, &next)
            text = next
        }
        output.append(contentsOf: text)
    }
}
