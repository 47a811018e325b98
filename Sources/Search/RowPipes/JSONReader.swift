import Bytes
import Records

/// Reads JSON that stands in a value: objects flattened with dots, arrays kept as text. It forgives what writers of
/// logs get wrong: unknown escapes stay as they are, and a number may be anything of digits, signs and points.
struct JSONReader: ~Escapable {
    private let text: RawSpan
    private var at = 0

    @_lifetime(copy text)
    private init(_ text: RawSpan) { self.text = text }

    /// The fields of an object, nested ones with dots between their names, those that are null left out; none if what
    /// begins as an object is not well formed, nil if the text does not begin as one. `preserved`: names whose objects
    /// are kept as text.
    static func fields(_ text: RawSpan, preserved: [ByteString] = []) -> [(name: ByteString, value: ByteString)]? {
        var reader = JSONReader(text)
        var fields: [(ByteString, ByteString)] = []
        guard reader.peek == UInt8(ascii: "{") else { return nil }
        guard reader.object(prefix: [], preserved, &fields, depth: 0) else { return [] }
        reader.skipSpace()
        return reader.at == text.byteCount ? fields : []
    }

    /// The items of an array as texts: strings without quotes, everything else as JSON without needless spaces; nil
    /// if the text is no array.
    static func arrayItems(_ text: RawSpan) -> [ByteString]? {
        var reader = JSONReader(text)
        guard reader.take(UInt8(ascii: "[")) else { return nil }
        var items: [ByteString] = []
        reader.skipSpace()
        if reader.take(UInt8(ascii: "]")) { return reader.isAtEnd ? items : nil }
        while true {
            guard let item = reader.value(depth: 0) else { return nil }
            items.append(item)
            reader.skipSpace()
            if reader.take(UInt8(ascii: "]")) { return reader.isAtEnd ? items : nil }
            guard reader.take(UInt8(ascii: ",")) else { return nil }
        }
    }

    private var isAtEnd: Bool {
        var end = at
        while end < text.byteCount, Self.isSpace(text[end]) { end += 1 }
        return end == text.byteCount
    }

    private var peek: UInt8? { at < text.byteCount ? text[at] : nil }

    private static func isSpace(_ byte: UInt8) -> Bool { byte == 32 || byte == 9 || byte == 10 || byte == 13 }

    @_lifetime(self: copy self)
    private mutating func skipSpace() {
        while at < text.byteCount, Self.isSpace(text[at]) { at += 1 }
    }

    @_lifetime(self: copy self)
    private mutating func take(_ byte: UInt8) -> Bool {
        guard peek == byte else { return false }
        at += 1
        return true
    }

    @_lifetime(self: copy self)
    private mutating func object(
        prefix: [UInt8], _ preserved: [ByteString], _ fields: inout [(ByteString, ByteString)], depth: Int
    ) -> Bool {
        guard depth < Limits.nestingDepth, take(UInt8(ascii: "{")) else { return false }
        skipSpace()
        if take(UInt8(ascii: "}")) { return true }
        while true {
            skipSpace()
            guard let (key, end) = JSONText.string(text, at: at, keepsUnknown: true) else { return false }
            at = end
            skipSpace()
            guard take(UInt8(ascii: ":")) else { return false }
            skipSpace()
            let name = prefix.isEmpty ? key : prefix + [UInt8(ascii: ".")] + key
            if peek == UInt8(ascii: "{"), !preserved.contains(ByteString(name)) {
                guard object(prefix: name, preserved, &fields, depth: depth + 1) else { return false }
            } else {
                let isNull = isAhead("null")
                guard let value = value(depth: depth) else { return false }
                if !isNull { fields.append((name.isEmpty ? StandardFields.message : ByteString(name), value)) }
            }
            skipSpace()
            if take(UInt8(ascii: "}")) { return true }
            guard take(UInt8(ascii: ",")) else { return false }
        }
    }

    /// Any value as text: strings without quotes.
    @_lifetime(self: copy self)
    private mutating func value(depth: Int) -> ByteString? {
        skipSpace()
        let start = at
        guard let first = peek else { return nil }
        if first == UInt8(ascii: "\"") {
            guard let (value, end) = JSONText.string(text, at: at, keepsUnknown: true) else { return nil }
            at = end
            return ByteString(value)
        }
        guard skipValue(depth: depth) else { return nil }
        let value = text.slice(start, at - start)
        return first == UInt8(ascii: "[") || first == UInt8(ascii: "{") ? Self.compact(value) : ByteString(value)
    }

    /// Valid JSON without spaces between its parts, its strings as they are written. O(length).
    private static func compact(_ json: RawSpan) -> ByteString {
        var output: [UInt8] = []
        output.reserveCapacity(json.byteCount)
        var at = 0
        while at < json.byteCount {
            if json[at] == UInt8(ascii: "\""), let (_, end) = JSONText.string(json, at: at, keepsUnknown: true) {
                output.append(copying: json.slice(at, end - at))
                at = end
            } else {
                if !isSpace(json[at]) { output.append(json[at]) }
                at += 1
            }
        }
        return ByteString(output)
    }

    @_lifetime(self: copy self)
    private mutating func skipValue(depth: Int) -> Bool {
        skipSpace()
        guard depth < Limits.nestingDepth, let first = peek else { return false }
        switch first {
        case UInt8(ascii: "\""):
            guard let (_, end) = JSONText.string(text, at: at, keepsUnknown: true) else { return false }
            at = end
            return true
        case UInt8(ascii: "["), UInt8(ascii: "{"): return skipContainer(first == UInt8(ascii: "{"), depth: depth)
        default:
            return skipWord()
        }
    }

    /// `null`, `true`, `false`, `nan`, `inf` or a number.
    @_lifetime(self: copy self)
    private mutating func skipWord() -> Bool {
        for word in ["null", "true", "false"] as [ByteString] where isAhead(word) {
            at += word.count
            return true
        }
        let start = at
        while let byte = peek, byte &- 48 < 10 || Self.numberBytes.contains(byte) { at += 1 }
        if at > start + 1 { return true }
        let signs: [UInt8] = [UInt8(ascii: "+"), UInt8(ascii: "-")]
        if at == start || signs.contains(text[start]), at + 3 <= text.byteCount {
            let word = Words.lowercased(text.slice(at, 3))
            if word == Array("nan".utf8) || word == Array("inf".utf8) { at += 3 }
        }
        return at > start
    }

    private static let numberBytes = Array(".-+eE".utf8)

    private func isAhead(_ word: ByteString) -> Bool {
        at + word.count <= text.byteCount && text.slice(at, word.count).equals(word.bytes.rawSpan)
    }

    @_lifetime(self: copy self)
    private mutating func skipContainer(_ isObject: Bool, depth: Int) -> Bool {
        at += 1
        let close = isObject ? UInt8(ascii: "}") : UInt8(ascii: "]")
        skipSpace()
        if take(close) { return true }
        while true {
            if isObject {
                skipSpace()
                guard let (_, end) = JSONText.string(text, at: at, keepsUnknown: true) else { return false }
                at = end
                skipSpace()
                guard take(UInt8(ascii: ":")) else { return false }
            }
            guard skipValue(depth: depth + 1) else { return false }
            skipSpace()
            if take(close) { return true }
            guard take(UInt8(ascii: ",")) else { return false }
        }
    }
}
