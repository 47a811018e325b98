import Bytes
import QueryLanguage
import Records

/// `extract "a=<x> b=<y>"`: texts in order with fields between them.
struct ExtractMatcher: Sendable {
    /// Text in front of a field; only the first may be empty.
    private struct Step: Sendable {
        var prefix: [UInt8]
        /// Nil for `<_>`.
        var field: ByteString?
        /// `plain:`: quotes are kept.
        var isPlain = false
    }

    private let steps: [Step]
    /// What follows the last field.
    private let suffix: [UInt8]
    /// Names in the order of their first appearance.
    let fields: [ByteString]

    /// Nil for a pattern that the parser refuses.
    init?(_ pattern: ByteString) {
        guard let parsed = ExtractPattern(pattern) else { return nil }
        steps = parsed.steps.map { Step(prefix: $0.prefix.bytes, field: $0.field, isPlain: $0.isPlain) }
        suffix = parsed.suffix.bytes
        var fields: [ByteString] = []
        for step in steps { if let field = step.field, !fields.contains(field) { fields.append(field) } }
        self.fields = fields
    }

    /// Value of each of `fields`; empty for those behind the place where the pattern stops to match.
    func match(_ text: RawSpan) -> [[UInt8]] {
        var values = [[UInt8]](repeating: [], count: fields.count)
        guard let first = steps.first else { return values }
        var at = 0
        if !first.prefix.isEmpty {
            guard let found = firstRange(of: first.prefix.rawSpan, in: text) else { return values }
            at = found + first.prefix.count
        }
        for (index, step) in steps.enumerated() {
            let next = index + 1 < steps.count ? steps[index + 1].prefix : suffix
            guard let (value, end) = take(text, at: at, until: next, isPlain: step.isPlain) else { return values }
            if let field = step.field, let place = fields.firstIndex(of: field) { values[place] = value }
            guard let end else { return values }
            at = end
        }
        return values
    }

    /// A field's value and where the next one begins: nil if the pattern does not go on there.
    private func take(_ text: RawSpan, at start: Int, until next: [UInt8], isPlain: Bool) -> (
        value: [UInt8], end: Int?
    )? {
        if !isPlain, let (value, end) = QuotedReader.read(text, at: start) {
            let goesOn = end + next.count <= text.byteCount && text.slice(end, next.count).equals(next.rawSpan)
            return (value, goesOn ? end + next.count : nil)
        }
        if next.isEmpty {
            return (ByteString(text.slice(start, text.byteCount - start)).bytes, text.byteCount)
        }
        guard let found = firstRange(of: next.rawSpan, in: text, from: start) else { return nil }
        return (ByteString(text.slice(start, found - start)).bytes, found + next.count)
    }
}

/// `extract`, `extract_regexp`.
struct ExtractTransform: ChunkTransform {
    let source: ByteString
    let fields: [ByteString]
    let condition: (any RowFilter)?
    let overwrite: OverwriteRule
    /// The value of each field.
    let match: @Sendable (RawSpan) -> [[UInt8]]

    func apply(_ chunk: Chunk) throws -> Chunk? {
        let chunk = chunk.compacted()
        var rows = chunk.rows
        if let condition { try condition.narrow(&rows, of: chunk) }
        var outputs = [StringColumn](repeating: StringColumn(), count: fields.count)
        let originals = try fields.map { try chunk.column($0) }
        let input = try chunk.column(source)
        var text: [UInt8] = []
        var old: [UInt8] = []
        for row in 0..<chunk.rowCount {
            var values: [[UInt8]]?
            if rows.contains(row) {
                text.removeAll(keepingCapacity: true)
                input.append(row, to: &text)
                values = match(text.rawSpan)
            }
            for index in fields.indices {
                old.removeAll(keepingCapacity: true)
                originals[index].append(row, to: &old)
                let new = values?[index]
                let keeps =
                    new == nil || (overwrite.keepsOriginal && !old.isEmpty)
                    || (overwrite.skipsEmpty && new?.isEmpty == true)
                outputs[index].append((keeps ? old : new ?? []).rawSpan)
            }
        }
        for (name, output) in zip(fields, outputs) { chunk.set(name, .strings(output)) }
        return chunk
    }

    /// The named groups of an expression, in order, and how to find their values.
    static func regexp(_ expression: Regexp) -> (fields: [ByteString], match: @Sendable (RawSpan) -> [[UInt8]]) {
        var fields: [ByteString] = []
        var places: [Int] = []
        for (index, name) in expression.groupNames.enumerated() {
            guard let name, !fields.contains(name) else { continue }
            fields.append(name)
            places.append(index + 1)
        }
        let wanted = places
        return (
            fields,
            { text in
                var groups = [Int](repeating: -1, count: 2 * (expression.groupNames.count + 1))
                guard expression.capture(text, from: 0, into: &groups) else {
                    return [[UInt8]](repeating: [], count: wanted.count)
                }
                return wanted.map { place in
                    let start = groups[2 * place]
                    return start < 0 ? [] : ByteString(text.slice(start, groups[2 * place + 1] - start)).bytes
                }
            }
        )
    }
}
