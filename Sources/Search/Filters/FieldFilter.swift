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
}

extension ValueMatcher {
    func narrow(_ rows: inout Bitmap, integers: [Int64]) -> Bool { false }

    func narrow(_ rows: inout Bitmap, texts: StringColumn) { rows.filter { matches(texts[$0]) } }

    func mayMatch(_ block: any ColumnBlock, field: ByteString) -> Bool { true }
}

/// A matcher on a field of each row: once for a constant, once for each dictionary value, else once a row.
struct FieldFilter<Matcher: ValueMatcher>: RowFilter {
    let field: ByteString
    let matcher: Matcher

    func narrow(_ rows: inout Bitmap, of chunk: Chunk) throws {
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
