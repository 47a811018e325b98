import Bytes

/// The pattern of a `format` pipe, taken apart: texts and fields, each field with the way in which it is written.
public struct FormatPattern: Hashable, Sendable {
    public enum Style: String, Hashable, Sendable, CaseIterable {
        case base64decode, base64encode, duration, hexdecode, hexencode, hexnumdecode, hexnumencode, ipv4, lc, time, uc
        case durationSeconds = "duration_seconds"
        case plain = ""
        case quoted = "q"
        case urldecode, urlencode
    }

    public struct Step: Hashable, Sendable {
        /// Written before the field.
        public var prefix: ByteString
        public var style: Style
        public var field: ByteString
    }

    public var steps: [Step]
    /// Written after the last field.
    public var suffix: ByteString

    /// A word before a colon that is no style belongs to the field's name. O(length).
    public init(_ pattern: ByteString) {
        steps = []
        suffix = .empty
        for step in FieldSlots.steps(of: pattern.bytes) {
            guard let slot = step.slot else {
                suffix = ByteString(step.text)
                break
            }
            let (style, field) = Self.styled(slot)
            steps.append(Step(prefix: ByteString(step.text), style: style, field: field))
        }
    }

    private static func styled(_ slot: [UInt8]) -> (Style, ByteString) {
        guard let colon = slot.firstIndex(of: UInt8(ascii: ":")), colon > 0,
            let style = Style(rawValue: String(decoding: slot[..<colon], as: UTF8.self))
        else { return (.plain, ByteString(slot)) }
        return (style, ByteString(slot[(colon + 1)...].trimmed))
    }
}
