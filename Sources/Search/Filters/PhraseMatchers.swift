import Bytes
import Records

/// A phrase between word boundaries (`isPrefix`: only in front), or anywhere.
struct PhraseMatcher: ValueMatcher {
    let phrase: ByteString
    private let needsStart: Bool
    private let needsEnd: Bool
    /// Whole words that every match contains.
    private let words: [ByteString]

    enum Kind { case phrase, prefix, substring }

    /// The phrase is not empty.
    init(_ phrase: ByteString, kind: Kind = .phrase) {
        self.phrase = phrase
        let bytes = phrase.bytes
        let startsWord = Words.isWord(bytes.rawSpan, at: 0)
        let endsWord = Words.isWord(bytes.rawSpan, before: bytes.count)
        needsStart = kind != .substring && startsWord
        needsEnd = kind == .phrase && endsWord
        var ranges = Words.ranges(bytes.rawSpan)
        if kind != .phrase, endsWord, !ranges.isEmpty { ranges.removeLast() }
        if kind == .substring, startsWord, !ranges.isEmpty { ranges.removeFirst() }
        words = ranges.map { ByteString(bytes[$0]) }
    }

    func matches(_ value: RawSpan) -> Bool {
        TextSearch.find(phrase.bytes.rawSpan, in: value, atStart: needsStart, atEnd: needsEnd) != nil
    }

    /// Where the phrase occurs at or after `start`.
    func find(in value: RawSpan, from start: Int) -> Int? {
        TextSearch.find(phrase.bytes.rawSpan, in: value, from: start, atStart: needsStart, atEnd: needsEnd)
    }

    func narrow(_ rows: inout Bitmap, texts: StringColumn) {
        let length = phrase.count
        let atStart = needsStart
        let atEnd = needsEnd
        TextSearch.narrow(&rows, texts: texts, needle: phrase.bytes) { arena, range, offset in
            TextSearch.isBounded(arena, range, offset, length: length, atStart: atStart, atEnd: atEnd)
        }
    }

    var needle: TemplateNeedle? { TemplateNeedle(text: phrase.bytes, atStart: needsStart, atEnd: needsEnd) }

    func mayMatch(_ block: any ColumnBlock, field: ByteString) -> Bool {
        words.allSatisfy { block.mayContain(word: $0, in: field) }
    }
}

extension PhraseMatcher {
    /// For matchers that ask for more than this phrase.
    fileprivate var necessaryNeedle: TemplateNeedle? {
        var needle = needle
        needle?.decides = false
        return needle
    }
}

/// The same without regard to case.
struct AnyCaseMatcher: ValueMatcher {
    private let lowered: PhraseMatcher

    /// The phrase is not empty.
    init(_ phrase: ByteString, isPrefix: Bool) {
        lowered = PhraseMatcher(
            ByteString(Words.lowercased(phrase.bytes.rawSpan)), kind: isPrefix ? .prefix : .phrase)
    }

    func matches(_ value: RawSpan) -> Bool { lowered.matches(Words.lowercased(value).rawSpan) }

    var needle: TemplateNeedle? {
        var needle = lowered.needle
        needle?.foldsCase = true
        return needle
    }

    func narrow(_ rows: inout Bitmap, texts: StringColumn) {
        var scratch: [UInt8] = []
        rows.filter { row in
            scratch.removeAll(keepingCapacity: true)
            Words.appendLowercased(texts[row], to: &scratch)
            return lowered.matches(scratch.rawSpan)
        }
    }
}

/// Phrases that occur one after another.
struct SequenceMatcher: ValueMatcher {
    let phrases: [PhraseMatcher]

    /// Empty phrases are left out: they occur anywhere.
    init(_ phrases: [ByteString]) { self.phrases = phrases.filter { !$0.isEmpty }.map { PhraseMatcher($0) } }

    func matches(_ value: RawSpan) -> Bool {
        var at = 0
        for phrase in phrases {
            guard let found = phrase.find(in: value, from: at) else { return false }
            at = found + phrase.phrase.count
        }
        return true
    }

    var needle: TemplateNeedle? { phrases.first?.necessaryNeedle }

    func mayMatch(_ block: any ColumnBlock, field: ByteString) -> Bool {
        phrases.allSatisfy { $0.mayMatch(block, field: field) }
    }
}

/// All, or any, of some phrases. The empty phrase occurs in every value.
struct PhraseSetMatcher: ValueMatcher {
    private let phrases: [PhraseMatcher]
    private let hasEmpty: Bool
    private let needsAll: Bool

    init(_ phrases: [ByteString], needsAll: Bool) {
        self.phrases = phrases.filter { !$0.isEmpty }.map { PhraseMatcher($0) }
        hasEmpty = phrases.contains(.empty)
        self.needsAll = needsAll
    }

    func matches(_ value: RawSpan) -> Bool {
        if needsAll {
            for phrase in phrases where !phrase.matches(value) { return false }
            return true
        }
        if hasEmpty { return true }
        for phrase in phrases where phrase.matches(value) { return true }
        return false
    }

    func narrow(_ rows: inout Bitmap, texts: StringColumn) {
        if hasEmpty, !needsAll { return }
        guard phrases.count <= 8, !phrases.isEmpty else { return rows.filter { matches(texts[$0]) } }
        if needsAll {
            for phrase in phrases { phrase.narrow(&rows, texts: texts) }
            return
        }
        var found = Bitmap(count: rows.count)
        for phrase in phrases {
            var matching = rows
            phrase.narrow(&matching, texts: texts)
            found.formUnion(matching)
            rows.subtract(matching)
        }
        rows = found
    }

    var needle: TemplateNeedle? {
        guard needsAll || (phrases.count == 1 && !hasEmpty) else { return nil }
        return phrases.max { $0.phrase.count < $1.phrase.count }?.necessaryNeedle
    }

    func mayMatch(_ block: any ColumnBlock, field: ByteString) -> Bool {
        if hasEmpty, !needsAll { return true }
        return needsAll
            ? phrases.allSatisfy { $0.mayMatch(block, field: field) }
            : phrases.contains { $0.mayMatch(block, field: field) }
    }
}

/// The phrases as written, in lower case, in upper case or with a capital first letter.
enum CommonCase {
    static func forms(_ phrases: [ByteString]) -> [ByteString] {
        var forms: [ByteString] = []
        var seen: Set<ByteString> = []
        for phrase in phrases {
            let text = phrase.string
            let lower = text.lowercased()
            for form in [text, lower, text.uppercased(), lower.prefix(1).uppercased() + lower.dropFirst()] {
                let bytes = ByteString(form)
                if seen.insert(bytes).inserted { forms.append(bytes) }
            }
        }
        return forms
    }
}
