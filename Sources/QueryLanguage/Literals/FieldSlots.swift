import Bytes

/// Cuts a pattern with `<field>` in it into texts and slots.
public enum FieldSlots {
    public struct Step: Hashable, Sendable {
        /// Before the slot, HTML entities resolved.
        public var text: [UInt8]
        /// What stands between `<` and `>`, trimmed; nil at the end of the pattern.
        public var slot: [UInt8]?
    }

    /// Whether every `<` has its `>`. O(length).
    static func isClosed(_ pattern: [UInt8]) -> Bool {
        guard let last = pattern.lastIndex(of: UInt8(ascii: "<")) else { return true }
        return pattern[last...].contains(UInt8(ascii: ">"))
    }

    /// The last step has no slot. A `<` that no `>` follows is text. O(length).
    public static func steps(of pattern: [UInt8]) -> [Step] {
        var steps: [Step] = []
        var textStart = 0
        while let open = pattern[textStart...].firstIndex(of: UInt8(ascii: "<")),
            let close = pattern[open...].firstIndex(of: UInt8(ascii: ">"))
        {
            let name = pattern[open + 1..<close].trimmed
            steps.append(Step(text: HTMLEntities.resolved(pattern[textStart..<open]), slot: Array(name)))
            textStart = close + 1
        }
        steps.append(Step(text: HTMLEntities.resolved(pattern[textStart...]), slot: nil))
        return steps
    }
}

extension FieldSlots {
    /// What stands in front of the colon in a slot (nothing without one) and behind it, trimmed. O(length).
    public static func optionAndName(_ slot: [UInt8]) -> (option: String, name: ByteString) {
        guard let colon = slot.firstIndex(of: UInt8(ascii: ":")) else {
            return ("", ByteString(Array(slot[...].trimmed)))
        }
        let option = String(decoding: slot[..<colon].trimmed, as: UTF8.self)
        return (option, ByteString(Array(slot[(colon + 1)...].trimmed)))
    }
}

extension ArraySlice<UInt8> {
    var trimmed: ArraySlice<UInt8> {
        drop { $0.isSpace }.reversed().drop { $0.isSpace }.reversed()[...]
    }
}

/// `&lt;`, `&gt;`, `&amp;`, `&quot;`, `&apos;`, `&nbsp;` and numeric entities.
enum HTMLEntities {
    /// Unknown entities stay as they are. O(length).
    static func resolved(_ text: ArraySlice<UInt8>) -> [UInt8] {
        guard text.contains(UInt8(ascii: "&")) else { return Array(text) }
        var output: [UInt8] = []
        var index = text.startIndex
        while index < text.endIndex {
            let rest = text[index...]
            if rest.first == UInt8(ascii: "&"), let end = rest.prefix(12).firstIndex(of: UInt8(ascii: ";")),
                let character = character(rest[(index + 1)..<end])
            {
                output += Array(String(character).utf8)
                index = end + 1
            } else {
                output.append(text[index])
                index += 1
            }
        }
        return output
    }

    private static func character(_ name: ArraySlice<UInt8>) -> Unicode.Scalar? {
        let name = String(decoding: name, as: UTF8.self)
        switch name {
        case "lt": return "<"
        case "gt": return ">"
        case "amp": return "&"
        case "quot": return "\""
        case "apos": return "'"
        case "nbsp": return "\u{A0}"
        default:
            guard name.hasPrefix("#") else { return nil }
            let digits = name.dropFirst()
            let isHex = digits.hasPrefix("x") || digits.hasPrefix("X")
            return (isHex ? UInt32(digits.dropFirst(), radix: 16) : UInt32(digits)).flatMap { Unicode.Scalar($0) }
        }
    }
}
