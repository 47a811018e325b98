/// Text in aligned columns.
struct Table {
    private var header: [String]
    private var rows: [[String]] = []
    private let rightAligned: Set<Int>

    /// - Parameter rightAligned: positions of columns that hold numbers.
    init(_ header: [String], rightAligned: Set<Int> = []) {
        self.header = header
        self.rightAligned = rightAligned
    }

    mutating func add(_ row: [String]) { rows.append(row) }

    /// The header, a rule and the rows, two spaces between columns, the last column not padded.
    func lines() -> [String] {
        let widths = header.indices.map { column in
            ([header] + rows).map { $0.count > column ? $0[column].count : 0 }.max() ?? 0
        }
        func line(_ row: [String]) -> String {
            let cells = row.enumerated().map { column, text in
                let fill = String(repeating: " ", count: max(0, widths[column] - text.count))
                if rightAligned.contains(column) { return fill + text }
                return column == row.count - 1 ? text : text + fill
            }
            return cells.joined(separator: "  ")
        }
        return [line(header), widths.map { String(repeating: "─", count: $0) }.joined(separator: "  ")] + rows.map(line)
    }
}
