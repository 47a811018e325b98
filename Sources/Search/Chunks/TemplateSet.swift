import Bytes
import Records
import Synchronization

/// A column of templates, ready for many queries at once: which rows each template has, and, as they are asked for,
/// the values of its variables.
final class TemplateSet: Sendable {
    private struct Loaded {
        var variables: [Int: [Column]] = [:]
        var whole: StringColumn?
        var shapes: [TemplateShape]?
        var bytes = 0
    }

    private let texts: any TemplatedTexts
    /// The common parts of each template.
    let pieces: [[ByteString]]
    /// Rows by code, those of one code in their order; code 0 is texts that are kept whole.
    let rows: [Int32]
    /// Where the rows of each code begin in `rows`, and behind the last where they end.
    let starts: [Int]
    /// One a row.
    let codes: NativeCodes
    private let shapeNumbers: TemplateShapes
    private let loaded = Mutex(Loaded())

    /// O(rows).
    init(_ texts: any TemplatedTexts, _ shapes: TemplateShapes) {
        self.texts = texts
        shapeNumbers = shapes
        pieces = (0..<texts.templateCount).map { texts.pieces(of: $0) }
        let all = texts.codes
        var starts = [Int](repeating: 0, count: pieces.count + 2)
        for code in all { starts[Int(code) + 1] += 1 }
        for code in 1..<starts.count { starts[code] += starts[code - 1] }
        var next = starts
        var rows = [Int32](repeating: 0, count: all.count)
        for (row, code) in all.enumerated() {
            rows[next[Int(code)]] = Int32(truncatingIfNeeded: row)
            next[Int(code)] += 1
        }
        self.rows = rows
        self.starts = starts
        codes = NativeCodes(all, limit: pieces.count + 1)
    }

    /// The rows of a code: 0, or a template + 1.
    func rowCount(_ code: Int) -> Int { starts[code + 1] - starts[code] }

    var memoryBytes: Int { rows.count * 4 + codes.memoryBytes + pieces.count * 256 + loaded.withLock { $0.bytes } }

    /// How many rows before `row`, which has `code`, have the same. O(log rows).
    func rank(of row: Int32, code: Int) -> Int {
        var low = starts[code]
        var high = starts[code + 1]
        while low < high {
            let middle = (low + high) / 2
            if rows[middle] < row { low = middle + 1 } else { high = middle }
        }
        return low - starts[code]
    }

    /// The variables of a template, one value a row of the template.
    func columns(of template: Int) throws -> [Column] {
        if let known = loaded.withLock({ $0.variables[template] }) { return known }
        let columns = try variables(of: template)
        loaded.withLock { loaded in
            if loaded.variables.updateValue(columns, forKey: template) == nil {
                loaded.bytes += columns.reduce(64) { $0 + $1.memoryBytes }
            }
        }
        return columns
    }

    private func variables(of template: Int) throws -> [Column] {
        try (0..<max(pieces[template].count - 1, 0)).map { Column(try texts.variable($0, of: template)) }
    }

    /// The texts that are kept whole, in the order of their rows.
    func wholeTexts() throws -> StringColumn {
        if let whole = loaded.withLock({ $0.whole }) { return whole }
        let column = Column(try texts.wholeTexts()).texts(Bitmap(count: rowCount(0), full: true))
        loaded.withLock { loaded in
            loaded.whole = column
            loaded.bytes += column.arena.count + column.count * 4
        }
        return column
    }

    /// The shape of each template. The first time reads all variables; they are not kept.
    func shapes() throws -> [TemplateShape] {
        if let shapes = loaded.withLock({ $0.shapes }) { return shapes }
        let shapes = try pieces.indices.map { template in
            let known = loaded.withLock { $0.variables[template] }
            return shapeNumbers.shape(TemplateShape.Content(pieces[template], try known ?? variables(of: template)))
        }
        loaded.withLock { loaded in
            loaded.shapes = shapes
            loaded.bytes += shapes.reduce(0) { $0 + ($1.number < 0 ? 512 : 8) }
        }
        return shapes
    }

    /// The texts of the given rows, in their order. O(rows · log + bytes), plus the variables of the templates that
    /// occur.
    func render(_ wanted: [Int32]) throws -> StringColumn {
        var output = StringColumn()
        output.reserve(rows: wanted.count, bytes: wanted.count * 64)
        var columns: [[Column]?] = Array(repeating: nil, count: pieces.count)
        var whole: StringColumn?
        var text: [UInt8] = []
        for row in wanted {
            let code = codes[Int(row)]
            let rank = rank(of: row, code: code)
            text.removeAll(keepingCapacity: true)
            if code == 0 {
                let known = try whole ?? wholeTexts()
                whole = known
                text.append(copying: known[rank])
            } else {
                let own = try columns[code - 1] ?? self.columns(of: code - 1)
                columns[code - 1] = own
                append(code - 1, own, rank, to: &text)
            }
            output.append(text.rawSpan)
        }
        return output
    }

    private func append(_ template: Int, _ columns: [Column], _ rank: Int, to text: inout [UInt8]) {
        for (index, piece) in pieces[template].enumerated() {
            text.append(contentsOf: piece.bytes)
            if index < columns.count { columns[index].append(rank, to: &text) }
        }
    }
}
