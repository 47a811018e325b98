import Bytes
import Records

/// Texts of one block that are held as templates: puts together those that are asked for. Used by one thread at a time.
final class TemplateReader {
    let texts: any TemplatedTexts
    let pieces: [[ByteString]]
    private var variables: [Int: [Column]] = [:]
    private var whole: Column?
    private var ranks: [Int32] = []

    init(_ texts: any TemplatedTexts) {
        self.texts = texts
        pieces = (0..<texts.templateCount).map { texts.pieces(of: $0) }
    }

    /// Variables of a template, one value a row of the template.
    func columns(of template: Int) throws -> [Column] {
        if let columns = variables[template] { return columns }
        let count = max(pieces[template].count - 1, 0)
        let columns = try (0..<count).map { Column(try texts.variable($0, of: template)) }
        variables[template] = columns
        return columns
    }

    private func wholeColumn() throws -> Column {
        if let whole { return whole }
        let column = Column(try texts.wholeTexts())
        whole = column
        return column
    }

    /// For each row, how many rows before it have the same template.
    private func rowRanks() -> [Int32] {
        if ranks.isEmpty {
            var seen = [Int32](repeating: 0, count: pieces.count + 1)
            ranks = texts.codes.map { code in
                seen[Int(code)] += 1
                return seen[Int(code)] - 1
            }
        }
        return ranks
    }

    /// The texts of the given rows, in their order. O(rows of the block + bytes), plus the variables of the templates
    /// that occur.
    func render(_ rows: [Int32]) throws -> StringColumn {
        let ranks = rowRanks()
        let codes = texts.codes
        var output = StringColumn()
        output.reserve(rows: rows.count, bytes: rows.count * 64)
        var loaded: [[Column]?] = Array(repeating: nil, count: pieces.count)
        var text: [UInt8] = []
        for row in rows {
            let rank = Int(ranks[Int(row)])
            let template = Int(codes[Int(row)]) - 1
            text.removeAll(keepingCapacity: true)
            if template < 0 {
                try wholeColumn().append(rank, to: &text)
            } else {
                let columns = try loaded[template] ?? self.columns(of: template)
                loaded[template] = columns
                for (index, piece) in pieces[template].enumerated() {
                    text.append(contentsOf: piece.bytes)
                    if index < columns.count { columns[index].append(rank, to: &text) }
                }
            }
            output.append(text.rawSpan)
        }
        return output
    }
}
