import ArgumentParser
import Bytes
import Records
import Search

/// How result rows are printed.
enum RowFormat: String, ExpressibleByArgument, CaseIterable { case ndjson, table, csv }

/// Prints rows of results as they come; a table waits for the last of them, to align its columns. Columns of tables
/// and CSV stand in the order in which the rows first have them.
struct RowPrinter {
    private let format: RowFormat
    private var rows: [[(name: ByteString, value: ByteString)]] = []
    private var output: [UInt8] = []

    /// Takes rows and prints none: for runs that are only timed.
    private let isSilent: Bool

    init(_ format: RowFormat, isSilent: Bool = false) {
        self.format = format
        self.isSilent = isSilent
    }

    mutating func print(_ portion: ResultRows) {
        guard format == .ndjson else {
            for row in 0..<portion.rowCount {
                rows.append(
                    portion.names.indices.map { (portion.names[$0], portion.columns[$0].value(row)) }
                        .filter { !$0.value.isEmpty })
            }
            return
        }
        portion.appendNDJSON(to: &output)
        flush(over: Input.chunkBytes)
    }

    /// A row that came as NDJSON already.
    mutating func print(line: [UInt8], fields: () -> [(name: ByteString, value: ByteString)]) {
        guard format == .ndjson else { return rows.append(fields()) }
        output += line
        output.append(UInt8(ascii: "\n"))
        flush(over: 1 << 16)
    }

    mutating func finish() {
        flush(over: 0)
        guard format != .ndjson, !rows.isEmpty else { return }
        var names: [ByteString] = []
        var seen: Set<ByteString> = []
        for row in rows { for field in row where seen.insert(field.name).inserted { names.append(field.name) } }
        let cells = rows.map { row in names.map { name in row.first { $0.name == name }?.value ?? .empty } }
        if format == .csv { return printCSV(names, cells) }
        let numeric = names.indices.filter { column in
            cells.allSatisfy { $0[column].isEmpty || Double($0[column].string) != nil }
        }
        var table = Table(names.map { Terminal.visible($0.string) }, rightAligned: Set(numeric))
        for row in cells { table.add(row.map { Terminal.visible($0.string) }) }
        for line in table.lines() { Terminal.print(line) }
    }

    private mutating func flush(over limit: Int) {
        guard output.count > limit else { return }
        if !isSilent { Terminal.output(output) }
        output.removeAll(keepingCapacity: true)
    }

    /// RFC 4180.
    private func printCSV(_ names: [ByteString], _ rows: [[ByteString]]) {
        func line(_ cells: [ByteString]) -> [UInt8] {
            var bytes: [UInt8] = []
            for (index, cell) in cells.enumerated() {
                if index > 0 { bytes.append(UInt8(ascii: ",")) }
                let needsQuotes = cell.bytes.contains { [UInt8(ascii: ","), 34, 10, 13].contains($0) }
                guard needsQuotes else {
                    bytes += cell.bytes
                    continue
                }
                bytes.append(34)
                for byte in cell.bytes { bytes += byte == 34 ? [34, 34] : [byte] }
                bytes.append(34)
            }
            return bytes + [13, 10]
        }
        Terminal.output(line(names) + rows.flatMap(line))
    }
}
