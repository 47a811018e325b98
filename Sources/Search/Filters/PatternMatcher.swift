import Bytes
import QueryLanguage

/// `pattern_match("<N> of <IP4>")`: fixed texts with numbers and the like between them, each as long as it can be.
struct PatternMatcher: ValueMatcher {
    private enum Part: Sendable {
        case text([UInt8])
        case number, uuid, address, time, date, dateTime, word
    }

    private let parts: [Part]
    private let place: PatternMatch.Place

    init(_ match: PatternMatch) {
        parts = Self.parse(match.pattern.bytes)
        place = match.place
    }

    private static let markers: [(text: [UInt8], part: Part)] = [
        (Array("<N>".utf8), .number), (Array("<UUID>".utf8), .uuid), (Array("<IP4>".utf8), .address),
        (Array("<TIME>".utf8), .time), (Array("<DATE>".utf8), .date), (Array("<DATETIME>".utf8), .dateTime),
        (Array("<W>".utf8), .word),
    ]

    private static func parse(_ pattern: [UInt8]) -> [Part] {
        var parts: [Part] = []
        var text: [UInt8] = []
        var at = 0
        while at < pattern.count {
            if let marker = markers.first(where: { pattern[at...].starts(with: $0.text) }) {
                if !text.isEmpty { parts.append(.text(text)) }
                text = []
                parts.append(marker.part)
                at += marker.text.count
            } else {
                text.append(pattern[at])
                at += 1
            }
        }
        if !text.isEmpty { parts.append(.text(text)) }
        return parts
    }

    func matches(_ value: RawSpan) -> Bool {
        switch place {
        case .full: return end(value, from: 0) == value.byteCount
        case .prefix: return end(value, from: 0) != nil
        case .anywhere:
            for start in 0...value.byteCount where mayBegin(value, at: start) && end(value, from: start) != nil {
                return true
            }
            return false
        case .suffix:
            for start in 0...value.byteCount
            where mayBegin(value, at: start) && end(value, from: start) == value.byteCount { return true }
            return false
        }
    }

    /// Whether a match may begin here: a number not within a word, a word where there is one.
    private func mayBegin(_ value: RawSpan, at start: Int) -> Bool {
        switch parts.first {
        case nil, .text?: true
        case .word?: start < value.byteCount && Words.isWord(value, at: start)
        default: NumberShapes.mayBegin(value, at: start)
        }
    }

    /// Where a match that begins at `start` ends.
    private func end(_ value: RawSpan, from start: Int) -> Int? {
        var at = start
        for part in parts {
            let length: Int?
            switch part {
            case .text(let text):
                let fits = at + text.count <= value.byteCount && value.slice(at, text.count).equals(text.rawSpan)
                length = fits ? text.count : nil
            case .number: length = NumberShapes.number(value, at: at)
            case .uuid: length = NumberShapes.uuid(value, at: at)
            case .address: length = NumberShapes.address(value, at: at)
            case .time: length = NumberShapes.time(value, at: at)
            case .date: length = NumberShapes.date(value, at: at)
            case .dateTime: length = NumberShapes.dateTime(value, at: at)
            case .word: length = NumberShapes.word(value, at: at)
            }
            guard let length else { return nil }
            at += length
        }
        return at
    }
}
