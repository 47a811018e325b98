import Bytes

/// The pattern of an `extract` pipe, taken apart: `text<field>text<field>text`.
///
/// Matching goes from left to right: each text is searched from where the one before ended, and a field gets what
/// lies between its own text and the next; the last field, if no text follows, gets the rest. A pattern that begins
/// with a field begins at the start of the value. Where a text is not found, the fields from there on are empty.
public struct ExtractPattern: Hashable, Sendable {
    public struct Step: Hashable, Sendable {
        /// Must be found before the field; empty only in the first step.
        public var prefix: ByteString
        /// Nil for `<_>`, `<*>` and `<>`: matched and dropped.
        public var field: ByteString?
        /// `<plain:field>`: a quoted string is not unquoted.
        public var isPlain: Bool
    }

    public var steps: [Step]
    /// Must follow the last field; empty if that takes the rest.
    public var suffix: ByteString

    /// Nil if two fields touch, none has a name, or one is not closed. O(length).
    public init?(_ pattern: ByteString) {
        guard FieldSlots.isClosed(pattern.bytes) else { return nil }
        steps = []
        suffix = .empty
        for (index, step) in FieldSlots.steps(of: pattern.bytes).enumerated() {
            guard let slot = step.slot else {
                suffix = ByteString(step.text)
                break
            }
            guard index == 0 || !step.text.isEmpty else { return nil }
            let (option, name) = FieldSlots.optionAndName(slot)
            guard name == "*" || name.bytes.last != UInt8(ascii: "*") else { return nil }
            let isNameless = name.isEmpty || name == "_" || name == "*"
            let field = isNameless ? nil : name
            steps.append(Step(prefix: ByteString(step.text), field: field, isPlain: option == "plain"))
        }
        if steps.allSatisfy({ $0.field == nil }) { return nil }
    }
}
