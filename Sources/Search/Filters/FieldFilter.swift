import Bytes
import Records

/// A test of one value, with faster ways where the column offers them.
protocol ValueMatcher: Sendable {
    func matches(_ value: RawSpan) -> Bool
    /// Keeps the rows whose integer matches; false if the matcher can only look at texts.
    func narrow(_ rows: inout Bitmap, integers: [Int64]) -> Bool
    /// The same for decimals and for addresses.
    func narrow(_ rows: inout Bitmap, decimals: ScaledDecimals) -> Bool
    func narrow(_ rows: inout Bitmap, addresses: [UInt32]) -> Bool
    /// Keeps the rows whose text matches.
    func narrow(_ rows: inout Bitmap, texts: StringColumn)
    /// False only if the block's header says that no value of the field can match.
    func mayMatch(_ block: any ColumnBlock, field: ByteString) -> Bool
    /// A text in every value that matches, if there is one: templates are looked through for it.
    var needle: TemplateNeedle? { get }
    /// What a template says of all of its rows.
    func verdict(_ shape: TemplateShape.Content) -> TemplateVerdict
    /// Whether templates can say anything at all.
    var judgesTemplates: Bool { get }
    /// Keeps the rows whose value matches, from the column as its block holds it; false, with nothing changed, where
    /// only texts will do.
    func narrow(_ rows: inout Bitmap, native: NativeColumn) -> Bool
}

extension ValueMatcher {
    var needle: TemplateNeedle? { nil }

    var judgesTemplates: Bool { needle != nil }

    func verdict(_ shape: TemplateShape.Content) -> TemplateVerdict {
        guard let needle else { return .some }
        let verdict = TemplateScan(needle).verdict(shape)
        return verdict == .all && !needle.decides ? .some : verdict
    }

    func narrow(_ rows: inout Bitmap, native: NativeColumn) -> Bool { NativeMatch.narrow(&rows, native, self) }

    func narrow(_ rows: inout Bitmap, integers: [Int64]) -> Bool { false }
    func narrow(_ rows: inout Bitmap, decimals: ScaledDecimals) -> Bool { false }
    func narrow(_ rows: inout Bitmap, addresses: [UInt32]) -> Bool { false }

    func narrow(_ rows: inout Bitmap, texts: StringColumn) { rows.filter { matches(texts[$0]) } }

    func mayMatch(_ block: any ColumnBlock, field: ByteString) -> Bool { true }
}

/// A matcher on a field of each row: once for a constant, once for each dictionary value, else once a row.
struct FieldFilter<Matcher: ValueMatcher>: RowFilter {
    let field: ByteString
    let matcher: Matcher
    private let memo = TemplateMemo()

    init(field: ByteString, matcher: Matcher) {
        self.field = field
        self.matcher = matcher
    }

    func narrow(_ rows: inout Bitmap, of chunk: Chunk) throws {
        if matcher.judgesTemplates, let set = try chunk.templates(field) { return try narrow(&rows, set) }
        if let native = try chunk.native(field), matcher.narrow(&rows, native: native) { return }
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

    /// Rows of templates whose common parts say that they match do so at once; of those that may match the texts are
    /// put together. O(templates + rows of those that are not ruled out).
    private func narrow(_ rows: inout Bitmap, _ set: TemplateSet) throws {
        let judged = memo.verdicts(try set.shapes()) { matcher.verdict($0.content) }
        let verdicts = [TemplateVerdict.some] + judged
        var found = Bitmap(count: rows.count)
        let isFull = rows.isFull
        for code in verdicts.indices where verdicts[code] != .none && set.rowCount(code) > 0 {
            let places = set.rows[set.starts[code]..<set.starts[code + 1]]
            if verdicts[code] == .all {
                for row in places { found.insert(Int(row)) }
                continue
            }
            if code == 0, isFull {
                var matching = Bitmap(count: places.count, full: true)
                matcher.narrow(&matching, texts: try set.wholeTexts())
                matching.visit { found.insert(Int(places[$0])) }
                continue
            }
            let open = isFull ? Array(places) : places.filter { rows.contains(Int($0)) }
            guard !open.isEmpty else { continue }
            var matching = Bitmap(count: open.count, full: true)
            matcher.narrow(&matching, texts: try set.render(open))
            matching.visit { found.insert(Int(open[$0])) }
        }
        if isFull { rows = found } else { rows.formIntersection(found) }
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
