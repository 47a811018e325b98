import Bytes
import Records

/// Reads JSON that stands in a value: objects flattened with dots, arrays kept as text.
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
            guard let (key, end) = JSONText.string(text, at: at) else { return false }
            at = end
            skipSpace()
            guard take(UInt8(ascii: ":")) else { return false }
            skipSpace()
            let name = prefix.isEmpty ? key : prefix + [UInt8(ascii: ".")] + key
            if peek == UInt8(ascii: "{"), !preserved.contains(ByteString(name)) {
                guard object(prefix: name, preserved, &fields, depth: depth + 1) else { return false }
            } else {
                let isNull = peek == UInt8(ascii: "n")
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
            guard let (value, end) = JSONText.string(text, at: at) else { return nil }
            at = end
            return ByteString(value)
        }
        guard skipValue(depth: depth) else { return nil }
        let value = text.slice(start, at - start)
        return first == UInt8(ascii: "[") || first == UInt8(ascii: "{") ? Self.compact(value) : ByteString(value)
    }

    /// Valid JSON without spaces between its parts, its strings escaped no more than they need. O(length).
    private static func compact(_ json: RawSpan) -> ByteString {
        var output: [UInt8] = []
        output.reserveCapacity(json.byteCount)
        var at = 0
        while at < json.byteCount {
            if json[at] == UInt8(ascii: "\""), let (value, end) = JSONText.string(json, at: at) {
                JSONText.appendString(value.rawSpan, to: &output)
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
            guard let (_, end) = JSONText.string(text, at: at) else { return false }
            at = end
            return true
        case UInt8(ascii: "["), UInt8(ascii: "{"): return skipContainer(first == UInt8(ascii: "{"), depth: depth)
        default:
            let start = at
            while at < text.byteCount,
                Words.isASCIIWordByte(text[at]) || text[at] == 43 || text[at] == 45 || text[at] == 46
            {
                at += 1
            }
            let word = text.slice(start, at - start)
            return NumberParser.plain(word) != nil || ["true", "false", "null"].contains(ByteString(word))
        }
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
                guard let (_, end) = JSONText.string(text, at: at) else { return false }
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
