import Bytes

/// A JSON text as a tree: for settings, scenario files and messages to other programs. Logs have a scanner of their own
/// in `Formats`; this one allocates a node a value.
///
/// Members keep their order and numbers their spelling, so that what was read prints back as it came.
public enum JSONValue: Hashable, Sendable {
    case null
    case bool(Bool)
    /// A number as it was spelt.
    case number(String)
    case string(String)
    case array([JSONValue])
    case object([JSONMember])
}

/// One `"key": value` of an object.
public struct JSONMember: Hashable, Sendable {
    public var key: String
    public var value: JSONValue

    public init(_ key: String, _ value: JSONValue) {
        self.key = key
        self.value = value
    }
}

extension JSONValue {
    /// The value of the last member called `key`; nil on anything but an object. O(members).
    public subscript(key: String) -> JSONValue? {
        guard case .object(let members) = self else { return nil }
        return members.last { $0.key == key }?.value
    }

    public var text: String? {
        guard case .string(let text) = self else { return nil }
        return text
    }

    public var flag: Bool? {
        guard case .bool(let flag) = self else { return nil }
        return flag
    }

    public var double: Double? {
        guard case .number(let spelling) = self else { return nil }
        return Double(spelling)
    }

    /// A whole number that fits; nil for `1.5`.
    public var integer: Int64? {
        guard case .number(let spelling) = self else { return nil }
        return Int64(spelling)
    }

    public var elements: [JSONValue]? {
        guard case .array(let elements) = self else { return nil }
        return elements
    }

    public var members: [JSONMember]? {
        guard case .object(let members) = self else { return nil }
        return members
    }

    /// A finite number; JSON has no others, so that those become null.
    public static func number(_ value: Double) -> JSONValue {
        guard value.isFinite else { return .null }
        // "5.0" would make readers that tell integers apart see a fraction where there is none.
        if value.rounded() == value, value.magnitude < 1e15 { return .number(String(Int64(value))) }
        return .number(String(value))
    }

    public static func number(_ value: some FixedWidthInteger) -> JSONValue { .number(String(value)) }

    /// Strings as an array.
    public static func strings(_ values: some Sequence<String>) -> JSONValue { .array(values.map { .string($0) }) }
}

extension JSONValue: ExpressibleByDictionaryLiteral, ExpressibleByArrayLiteral, ExpressibleByStringLiteral {
    public init(dictionaryLiteral elements: (String, JSONValue)...) {
        self = .object(elements.map { JSONMember($0.0, $0.1) })
    }

    public init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
    public init(stringLiteral value: String) { self = .string(value) }
}

extension JSONValue {
    /// Appends the text without spaces. O(size).
    public func append(to output: inout [UInt8]) {
        switch self {
        case .null: output.append(contentsOf: "null".utf8)
        case .bool(let flag): output.append(contentsOf: (flag ? "true" : "false").utf8)
        case .number(let spelling): output.append(contentsOf: spelling.utf8)
        case .string(let text): Self.append(quoting: text, to: &output)
        case .array(let elements):
            output.append(UInt8(ascii: "["))
            for (index, element) in elements.enumerated() {
                if index > 0 { output.append(UInt8(ascii: ",")) }
                element.append(to: &output)
            }
            output.append(UInt8(ascii: "]"))
        case .object(let members):
            output.append(UInt8(ascii: "{"))
            for (index, member) in members.enumerated() {
                if index > 0 { output.append(UInt8(ascii: ",")) }
                Self.append(quoting: member.key, to: &output)
                output.append(UInt8(ascii: ":"))
                member.value.append(to: &output)
            }
            output.append(UInt8(ascii: "}"))
        }
    }

    /// The text without spaces.
    public var bytes: [UInt8] {
        var output: [UInt8] = []
        append(to: &output)
        return output
    }

    /// Appends `text` in quotes, escaped as JSON asks and no further.
    public static func append(quoting text: String, to output: inout [UInt8]) {
        output.append(UInt8(ascii: "\""))
        append(escaping: text, to: &output)
        output.append(UInt8(ascii: "\""))
    }

    /// Appends `text` escaped for the inside of a JSON string.
    public static func append(escaping text: String, to output: inout [UInt8]) {
        let hex = Array("0123456789abcdef".utf8)
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"): output.append(contentsOf: [UInt8(ascii: "\\"), byte])
            case 0x0A: output.append(contentsOf: "\\n".utf8)
            case 0x0D: output.append(contentsOf: "\\r".utf8)
            case 0x09: output.append(contentsOf: "\\t".utf8)
            case 0..<0x20:
                output.append(contentsOf: "\\u00".utf8)
                output.append(hex[Int(byte >> 4)])
                output.append(hex[Int(byte & 15)])
            default: output.append(byte)
            }
        }
    }
}

extension JSONValue: CustomStringConvertible {
    public var description: String { String(decoding: bytes, as: UTF8.self) }
}
