import Bytes
import Records

/// Values in which an expression finds a match.
struct RegexpMatcher: ValueMatcher {
    let expression: Regexp
    private let takesDigitsAlike: Bool

    init(expression: Regexp) {
        self.expression = expression
        takesDigitsAlike = RegexpSyntax.takesDigitsAlike(expression.pattern)
    }

    func matches(_ value: RawSpan) -> Bool { expression.search(value) }

    func narrow(_ rows: inout Bitmap, texts: StringColumn) {
        let literals = expression.requiredLiterals
        if literals.count == 1, literals[0].count >= 2 {
            TextSearch.narrow(&rows, texts: texts, needle: literals[0]) { _, _, _ in true }
        }
        rows.filter { expression.search(texts[$0]) }
    }

    var judgesTemplates: Bool { !expression.requiredLiterals.isEmpty || takesDigitsAlike }

    func verdict(_ shape: TemplateShape.Content) -> TemplateVerdict {
        if takesDigitsAlike, matchesAll(shape) { return .all }
        let literals = expression.requiredLiterals
        if literals.isEmpty { return .some }
        let isPossible = literals.contains { literal in
            TemplateScan(TemplateNeedle(text: literal, decides: false)).verdict(shape) != .none
        }
        return isPossible ? .some : .none
    }

    /// Whether every text of the shape matches, whatever its variables hold: a common part does, or the parts on both
    /// sides of a number do with each number of digits that it can have.
    private func matchesAll(_ shape: TemplateShape.Content) -> Bool {
        if shape.pieces.contains(where: { !$0.isEmpty && expression.search($0.bytes.rawSpan) }) { return true }
        return shape.variables.indices.contains { index in
            guard let digits = shape.variables[index].digits else { return false }
            return digits.allSatisfy { count in
                let zeros = [UInt8](repeating: UInt8(ascii: "0"), count: count)
                let text = shape.pieces[index].bytes + zeros + shape.pieces[index + 1].bytes
                return expression.search(text.rawSpan)
            }
        }
    }

    func mayMatch(_ block: any ColumnBlock, field: ByteString) -> Bool {
        let literals = expression.requiredLiterals
        return literals.isEmpty
            || literals.contains {
                PhraseMatcher(ByteString($0), kind: .substring).mayMatch(block, field: field)
            }
    }
}
