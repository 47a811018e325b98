import Bytes
import Records

/// A test of one value, with faster ways where the column offers them.
protocol ValueMatcher: Sendable {
    func matches(_ value: RawSpan) -> Bool
    /// Keeps the rows whose integer matches; false if the matcher can only look at texts.
    func narrow(_ rows: inout Bitmap, integers: [Int64]) -> Bool
    /// Keeps the rows whose text matches.
    func narrow(_ rows: inout Bitmap, texts: StringColumn)
    /// False only if the block's header says that no value of the field can match.
    func mayMatch(_ block: any ColumnBlock, field: ByteString) -> Bool
    /// A text in every value that matches, if there is one: templates are looked through for it.
    var needle: TemplateNeedle? { get }
}

extension ValueMatcher {
    var needle: TemplateNeedle? { nil }

    func narrow(_ rows: inout Bitmap, integers: [Int64]) -> Bool { false }

    func narrow(_ rows: inout Bitmap, texts: StringColumn) { rows.filter { matches(texts[$0]) } }

    func mayMatch(_ block: any ColumnBlock, field: ByteString) -> Bool { true }
}

/// A matcher on a field of each row: once for a constant, once for each dictionary value, else once a row.
struct FieldFilter<Matcher: ValueMatcher>: RowFilter {
    let field: ByteString
    let matcher: Matcher

    func narrow(_ rows: inout Bitmap, of chunk: Chunk) throws {
        if let needle = matcher.needle, let reader = try chunk.templates(field) {
            return try narrow(&rows, needle, reader)
        }
        switch try chunk.column(field) {
        case .constant(let value):
            if !matcher.matches(value.bytes.rawSpan) { rows = Bitmap(count: rows.count) }
        case .dictionary(let codes, let values): narrow(&rows, codes: codes, values: values)
        case .integers(let numbers):
            if !matcher.narrow(&rows, integers: numbers) { narrowRendered(&rows, .integers(numbers)) }
        case .strings(let texts): matcher.narrow(&rows, texts: texts)
        case .times(let times): narrowRendered(&rows, .times(times))
        }
    }

    /// Rows of templates that hold the text in their common parts match at once; of those that may hold it across a
    /// variable the texts are put together.
    private func narrow(_ rows: inout Bitmap, _ needle: TemplateNeedle, _ reader: TemplateReader) throws {
        let verdicts = try TemplateScan(needle, reader).verdicts()
        let codes = reader.texts.codes
        var open = rows
        if needle.decides {
            open.filter { verdicts[Int(codes[$0])] == .some }
            rows.filter { verdicts[Int(codes[$0])] == .all }
        } else {
            open.filter { verdicts[Int(codes[$0])] != .none }
            rows = Bitmap(count: rows.count)
        }
        let places = open.rows
        guard !places.isEmpty else { return }
        var matching = Bitmap(count: places.count, full: true)
        matcher.narrow(&matching, texts: try reader.render(places))
        matching.visit { rows.insert(Int(places[$0])) }
    }

    private func narrow(_ rows: inout Bitmap, codes: [UInt32], values: StringColumn) {
        var all = Bitmap(count: values.count, full: true)
        matcher.narrow(&all, texts: values)
        let matching = all.setCount
        if matching == 0 {
            rows = Bitmap(count: rows.count)
        } else if matching == 1 {
            let code = UInt32(all.rows[0])
            rows.filter { codes[$0] == code }
        } else if matching < values.count {
            let table = (0..<values.count).map { all.contains($0) }
            rows.filter { table[Int(codes[$0])] }
        }
    }

    private func narrowRendered(_ rows: inout Bitmap, _ column: Column) {
        var found = Bitmap(count: rows.count)
        column.forEach(rows) { row, value in
            if matcher.matches(value) { found.insert(row) }
        }
        rows = found
    }

    func mayMatch(_ block: any ColumnBlock) -> Bool {
        switch field {
        case StandardFields.time, StandardFields.stream, StandardFields.streamID: true
        default: matcher.mayMatch(block, field: field)
        }
    }
}
