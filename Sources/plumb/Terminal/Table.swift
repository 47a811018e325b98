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

    /// The same with the last column's texts broken between words, so that no line has more than `columns` characters
    /// as far as words allow.
    func lines(columns: Int) -> [String] {
        let before = header.indices.dropLast().map { column in
            2 + (([header] + rows).map { $0[column].count }.max() ?? 0)
        }.reduce(0, +)
        var broken = self
        broken.rows = rows.flatMap { row in
            Self.broken(row[row.count - 1], columns: max(20, columns - before)).enumerated().map { number, part in
                (number == 0 ? Array(row.dropLast()) : row.dropLast().map { _ in "" }) + [part]
            }
        }
        return broken.lines()
    }

    private static func broken(_ text: String, columns: Int) -> [String] {
        var lines: [String] = [""]
        for word in text.split(separator: " ") {
            if lines[lines.count - 1].isEmpty {
                lines[lines.count - 1] = String(word)
            } else if lines[lines.count - 1].count + 1 + word.count <= columns {
                lines[lines.count - 1] += " " + word
            } else {
                lines.append(String(word))
            }
        }
        return lines
    }

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
