import Bytes
import Formats
import Records

/// JSON written front to back into bytes: answers are built once and sent, so there is no tree of values.
struct JSONText {
    private(set) var bytes: [UInt8] = []
    private var needsComma = false

    /// `{ … }` or an element of the array that is being written.
    mutating func object(_ body: (inout JSONText) -> Void) {
        open("{")
        body(&self)
        close("}")
    }

    mutating func object(_ key: String, _ body: (inout JSONText) -> Void) {
        self.key(key)
        object(body)
    }

    /// `"key": [ … ]`, with one call of `body` an element.
    mutating func array<Elements: Sequence>(
        _ key: String, _ elements: Elements, _ body: (inout JSONText, Elements.Element) -> Void
    ) {
        self.key(key)
        array(elements, body)
    }

    mutating func array<Elements: Sequence>(_ elements: Elements, _ body: (inout JSONText, Elements.Element) -> Void) {
        open("[")
        for element in elements { body(&self, element) }
        close("]")
    }

    mutating func field(_ key: String, _ value: String) { field(key, ByteString(value)) }
    mutating func field(_ key: String, _ value: ByteString) {
        self.key(key)
        string(value)
    }
    mutating func field(_ key: String, _ value: Int) { raw(key, String(value)) }
    mutating func field(_ key: String, _ value: Bool) { raw(key, value ? "true" : "false") }
    /// A tree that was built elsewhere.
    mutating func document(_ key: String, _ value: JSONValue) {
        self.key(key)
        bytes.append(contentsOf: value.bytes)
        needsComma = true
    }
    /// JSON knows no infinity; null stands for it.
    mutating func field(_ key: String, _ value: Double) { raw(key, value.isFinite ? "\(value)" : "null") }
    mutating func null(_ key: String) { raw(key, "null") }

    mutating func string(_ value: ByteString) {
        comma()
        appendJSONString(value.bytes.rawSpan, to: &bytes)
        needsComma = true
    }

    mutating func number(_ value: Int) {
        comma()
        bytes.append(contentsOf: String(value).utf8)
        needsComma = true
    }

    mutating func double(_ value: Double) {
        comma()
        let isWhole = value.isFinite && abs(value) < 1e15 && value == value.rounded(.towardZero)
        bytes.append(contentsOf: (isWhole ? "\(Int64(value))" : value.isFinite ? "\(value)" : "null").utf8)
        needsComma = true
    }

    mutating func key(_ key: String) {
        comma()
        appendJSONString(ByteString(key).bytes.rawSpan, to: &bytes)
        bytes.append(UInt8(ascii: ":"))
        needsComma = false
    }

    private mutating func raw(_ key: String, _ text: String) {
        self.key(key)
        bytes.append(contentsOf: text.utf8)
        needsComma = true
    }

    private mutating func open(_ bracket: String) {
        comma()
        bytes.append(contentsOf: bracket.utf8)
        needsComma = false
    }

    private mutating func close(_ bracket: String) {
        bytes.append(contentsOf: bracket.utf8)
        needsComma = true
    }

    private mutating func comma() {
        if needsComma { bytes.append(UInt8(ascii: ",")) }
        needsComma = false
    }
}
