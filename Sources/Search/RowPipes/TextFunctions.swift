import Bytes
import QueryLanguage
import Records

/// Functions from text to text that pipes apply.
enum TextFunctions {
    /// Drops ANSI escape sequences that set colours and the like (`ESC [ … letter`), unfinished ones too.
    static func decolorize(_ text: RawSpan, _ output: inout [UInt8]) {
        var at = 0
        while at < text.byteCount {
            guard text[at] == 0x1B, at + 1 < text.byteCount, text[at + 1] == UInt8(ascii: "[") else {
                output.append(text[at])
                at += 1
                continue
            }
            at += 2
            // Parameters, then what stands between them and the letter.
            while at < text.byteCount, (0x30...0x3F).contains(text[at]) { at += 1 }
            while at < text.byteCount, (0x20...0x2F).contains(text[at]) { at += 1 }
            if at < text.byteCount, (0x30...0x7E).contains(text[at]) { at += 1 }
        }
    }

    /// Replaces the first `limit` occurrences (0: all).
    static func replace(_ text: RawSpan, _ old: [UInt8], _ new: [UInt8], limit: Int, _ output: inout [UInt8]) {
        var at = 0
        var done = 0
        while !old.isEmpty, limit == 0 || done < limit, let found = firstRange(of: old.rawSpan, in: text, from: at) {
            output.append(copying: text.slice(at, found - at))
            output.append(contentsOf: new)
            at = found + old.count
            done += 1
        }
        output.append(copying: text.slice(at, text.byteCount - at))
    }

    /// Replaces the first `limit` matches (0: all) by a template with `$1`, `${name}` for groups and `$$` for `$`.
    static func replace(
        _ text: RawSpan, _ expression: Regexp, _ template: RegexpTemplate, limit: Int, _ output: inout [UInt8]
    ) {
        // An empty value stays what it is, even where the expression matches nothing at all.
        if text.byteCount == 0 { return }
        var groups = [Int](repeating: -1, count: 2 * (expression.groupNames.count + 1))
        var at = 0
        var copied = 0
        var done = 0
        while at <= text.byteCount, limit == 0 || done < limit, expression.capture(text, from: at, into: &groups) {
            output.append(copying: text.slice(copied, groups[0] - copied))
            template.expand(text, groups, &output)
            copied = groups[1]
            done += 1
            if groups[1] > groups[0] {
                at = groups[1]
            } else {
                // An empty match moves on by a character.
                at = groups[1] + (groups[1] < text.byteCount ? max(1, utf8SequenceLength(text, at: groups[1])) : 1)
            }
        }
        output.append(copying: text.slice(copied, text.byteCount - copied))
    }

    /// Items of a JSON array, 0 if the text is none.
    static func jsonArrayLength(_ text: RawSpan, _ output: inout [UInt8]) {
        let count = JSONReader.arrayItems(text)?.count ?? 0
        NumberText.append(Int64(count), to: &output)
    }

    /// A JSON array of texts.
    static func appendArray(_ items: some Sequence<ByteString>, _ output: inout [UInt8]) {
        output.append(UInt8(ascii: "["))
        var isFirst = true
        for item in items {
            if !isFirst { output.append(UInt8(ascii: ",")) }
            isFirst = false
            JSONText.appendPageSafeString(item.bytes.rawSpan, to: &output)
        }
        output.append(UInt8(ascii: "]"))
    }

    /// The parts between separators, as a JSON array; without a separator every character is one.
    static func split(_ text: RawSpan, _ separator: [UInt8], _ output: inout [UInt8]) {
        var parts: [ByteString] = []
        var at = 0
        if separator.isEmpty {
            while at < text.byteCount {
                let length = max(1, utf8SequenceLength(text, at: at))
                parts.append(ByteString(text.slice(at, length)))
                at += length
            }
        } else {
            while let found = firstRange(of: separator.rawSpan, in: text, from: at) {
                parts.append(ByteString(text.slice(at, found - at)))
                at = found + separator.count
            }
            parts.append(ByteString(text.slice(at, text.byteCount - at)))
        }
        appendArray(parts, &output)
    }
}

/// The replacement of `replace_regexp`: texts and groups.
struct RegexpTemplate: Sendable {
    private enum Part: Sendable {
        case text([UInt8])
        case group(Int)
    }

    private var parts: [Part] = []

    init(_ template: ByteString, _ expression: Regexp) {
        let bytes = template.bytes
        var text: [UInt8] = []
        var at = 0
        while at < bytes.count {
            guard bytes[at] == UInt8(ascii: "$"), at + 1 < bytes.count else {
                text.append(bytes[at])
                at += 1
                continue
            }
            if bytes[at + 1] == UInt8(ascii: "$") {
                text.append(UInt8(ascii: "$"))
                at += 2
                continue
            }
            guard let (name, end) = Self.name(bytes, at: at + 1) else {
                text.append(bytes[at])
                at += 1
                continue
            }
            if !text.isEmpty { parts.append(.text(text)) }
            text = []
            let group = Int(name.string) ?? expression.groupNames.firstIndex(of: name).map { $0 + 1 } ?? Int.max
            if group <= expression.groupNames.count { parts.append(.group(group)) }
            at = end
        }
        if !text.isEmpty { parts.append(.text(text)) }
    }

    /// `1`, `name` or `{name}` behind a `$`.
    private static func name(_ bytes: [UInt8], at start: Int) -> (ByteString, end: Int)? {
        if bytes[start] == UInt8(ascii: "{") {
            guard let close = bytes[start...].firstIndex(of: UInt8(ascii: "}")) else { return nil }
            return (ByteString(bytes[(start + 1)..<close]), close + 1)
        }
        var end = start
        while end < bytes.count, Words.isASCIIWordByte(bytes[end]) { end += 1 }
        return end > start ? (ByteString(bytes[start..<end]), end) : nil
    }

    func expand(_ text: RawSpan, _ groups: [Int], _ output: inout [UInt8]) {
        for part in parts {
            switch part {
            case .text(let bytes): output.append(contentsOf: bytes)
            case .group(let index):
                let start = groups[2 * index]
                if start >= 0 { output.append(copying: text.slice(start, groups[2 * index + 1] - start)) }
            }
        }
    }
}
