import Bytes
import Formats
import Records

/// Reads lines of several forms in one input, each by its own: a program's plain text between another's JSON.
struct MixedLines {
    private let options: ParseOptions
    private var rest: [UInt8] = []
    private var run: (format: LineFormat, parser: LineParser)?
    private var batches: [RecordBatch] = []

    init(options: ParseOptions) { self.options = options }

    /// Whether the first lines are of more than one form: of two that can be told, or of one that is not the form of
    /// nearly all of them. A few lines of nothing in particular are damage, not a form. O(bytes).
    static func isMixed(_ bytes: RawSpan) -> Bool {
        var forms: Set<LineFormat> = []
        var start = 0
        while start < bytes.byteCount, forms.subtracting([.plain]).count < 2 {
            // A line that is cut off says nothing.
            guard let end = firstIndex(of: UInt8(ascii: "\n"), in: bytes, from: start) else { break }
            if let form = form(of: bytes.extracting(start..<end)) { forms.insert(form) }
            start = end + 1
        }
        if forms.subtracting([.plain]).count > 1 { return true }
        return forms.count > 1 && LineFormat.detect(bytes) == .plain
    }

    /// Nil for a blank line and for one that continues the line before.
    private static func form(of line: RawSpan) -> LineFormat? {
        guard line.byteCount > 0, line[0] != UInt8(ascii: " "), line[0] != UInt8(ascii: "\t") else { return nil }
        return LineFormat.of(line)
    }

    /// Takes input in pieces of any size. O(bytes).
    mutating func feed(_ bytes: RawSpan, arrival: Int64) {
        rest.append(copying: bytes)
        var start = 0
        while let end = firstIndex(of: UInt8(ascii: "\n"), in: rest.rawSpan, from: start) {
            take(Array(rest[start...end]), arrival: arrival)
            start = end + 1
        }
        rest.removeFirst(start)
    }

    private mutating func take(_ line: [UInt8], arrival: Int64) {
        let form = Self.form(of: line.rawSpan.extracting(..<(line.count - 1)))
        if let form, form != run?.format {
            endRun(arrival: arrival)
            run = (form, LineParser(format: form, options: options))
        }
        if run == nil { run = (.plain, LineParser(format: .plain, options: options)) }
        run?.parser.feed(line.rawSpan, arrival: arrival)
    }

    private mutating func endRun(arrival: Int64) {
        run?.parser.finish(arrival: arrival)
        while let batch = run?.parser.takeBatch() { batches.append(batch) }
        run = nil
    }

    /// Ends the input and gives its records, in its order.
    mutating func finish(arrival: Int64) -> [RecordBatch] {
        if !rest.isEmpty { take(rest + [UInt8(ascii: "\n")], arrival: arrival) }
        endRun(arrival: arrival)
        return batches
    }
}
