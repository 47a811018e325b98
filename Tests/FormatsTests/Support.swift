import Bytes
import Formats
import Records

/// Rows as name → value, `_time` as nanoseconds in text, in order.
func rows(_ batches: [RecordBatch]) -> [[String: String]] {
    batches.flatMap { batch in
        (0..<batch.rowCount).map { row in
            var fields = ["_time": String(batch.times[row])]
            for (index, column) in batch.columns.enumerated() {
                let value = ByteString(batch.value(row: row, column: index)).string
                if !value.isEmpty { fields[column.name.string] = value }
            }
            return fields
        }
    }
}

struct Parsed {
    var rows: [[String: String]]
    var counts: ParseCounts
    var rejections: [Rejection]
}

/// Parses the text in pieces of the given sizes, used in turn.
func parse(
    _ bytes: [UInt8], options: ParseOptions = ParseOptions(), pieces: [Int] = [1 << 20], arrival: Int64 = 7
) -> Parsed {
    var parser = JSONLinesParser(options: options)
    var batches: [RecordBatch] = []
    var offset = 0
    var turn = 0
    while offset < bytes.count {
        let count = min(pieces[turn % pieces.count], bytes.count - offset)
        parser.feed(bytes.rawSpan.slice(offset, count), arrival: arrival)
        while let batch = parser.takeBatch() { batches.append(batch) }
        offset += count
        turn += 1
    }
    parser.finish(arrival: arrival)
    while let batch = parser.takeBatch() { batches.append(batch) }
    return Parsed(rows: rows(batches), counts: parser.counts, rejections: parser.rejections)
}

func parse(_ text: String, options: ParseOptions = ParseOptions(), pieces: [Int] = [1 << 20]) -> Parsed {
    parse(Array(text.utf8), options: options, pieces: pieces)
}

/// Parses lines of another form.
func parseLines(
    _ text: String, format: LineFormat? = nil, options: ParseOptions = ParseOptions(), arrival: Int64 = 7
) -> (rows: [[String: String]], format: LineFormat?, counts: ParseCounts) {
    var parser = LineParser(format: format, options: options)
    parser.feed(Array(text.utf8).rawSpan, arrival: arrival)
    parser.finish(arrival: arrival)
    var batches: [RecordBatch] = []
    while let batch = parser.takeBatch() { batches.append(batch) }
    return (rows(batches), parser.format, parser.counts)
}
