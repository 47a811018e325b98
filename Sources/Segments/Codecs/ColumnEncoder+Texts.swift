import Bytes
import Records

/// Texts without a form of their own, for sealed blocks.
extension ColumnEncoder {
    /// Rows by which it is judged whether texts hold quotes.
    private static let judgedRows = 64

    /// As templates, with or without whole quotes, or as they came. There is at least one. O(rows + bytes).
    mutating func encodeTexts(
        _ slices: [RecordBatch.Slice], _ arena: RawSpan, to writer: inout ByteWriter
    ) -> ColumnStatistics {
        let former = words
        let start = writer.count
        let templated = encodeTemplates(slices.count, words: former, to: &writer) { $0.encode(slices, arena, to: &$1) }
        if let templated, !gainsLittle(writer, from: start, Self.byteCount(slices)) { return templated }
        return encodeSmallest(slices, arena, templated, words: former, from: start, to: &writer)
    }

    /// Nil, with nothing written, where the texts do not share skeletons.
    mutating func encodeTemplates(
        _ rows: Int, words former: WordCollector, quotes: QuotedText = .words, to writer: inout ByteWriter,
        _ encode: (inout TemplateEncoder, inout ByteWriter) -> Bool
    ) -> ColumnStatistics? {
        // Distinct or present values are fewer than rows.
        let times = rowTimes?.count == rows ? rowTimes : nil
        var templates = TemplateEncoder(effort: effort, words: former, times: times, told: told, quotes: quotes)
        let statistics = attempt(.templates, &writer) { encode(&templates, &$0) }
        guard statistics != nil else { return nil }
        words = templates.words
        templateKinds = templates.kinds
        return statistics
    }

    /// Whether templates are so large that other forms may be smaller: few texts of many kinds.
    func gainsLittle(_ writer: ByteWriter, from start: Int, _ raw: Int) -> Bool {
        size(writer, from: start) * 6 > raw
    }

    /// Replaces the templates that stand from `start` on, if there are any, by what is smaller: templates whose
    /// variables are whole quotes, or all texts as they came. Templates answer searches faster, so a little more is
    /// allowed to them.
    mutating func encodeSmallest(
        _ slices: [RecordBatch.Slice], _ arena: RawSpan, _ templated: ColumnStatistics?, words former: WordCollector,
        from start: Int, to writer: inout ByteWriter
    ) -> ColumnStatistics {
        var statistics = templated
        if Self.holdQuotes(slices, arena) {
            var other = ByteWriter()
            let found = (words, templateKinds)
            let quoted = encodeTemplates(slices.count, words: former, quotes: .whole, to: &other) {
                $0.encode(slices, arena, to: &$1)
            }
            if quoted != nil, statistics == nil || size(other, from: 0) < size(writer, from: start) {
                statistics = quoted
                writer.bytes.removeLast(writer.count - start)
                writer.write(other.bytes)
            } else {
                (words, templateKinds) = found
            }
        }
        var text = ByteWriter()
        text.write(ColumnEncoding.text.rawValue)
        TextCodec.encode(slices, arena, effort: effort, to: &text)
        if let statistics {
            let length = size(writer, from: start)
            guard size(text, from: 0) < length - length / 16 else { return statistics }
        } else {
            for slice in slices { words.add(arena.slice(Int(slice.offset), Int(slice.length))) }
        }
        writer.bytes.removeLast(writer.count - start)
        writer.write(text.bytes)
        return ColumnStatistics(.text)
    }

    private func size(_ writer: ByteWriter, from start: Int) -> Int { effort.size(Array(writer.bytes[start...])) }

    private static func byteCount(_ slices: [RecordBatch.Slice]) -> Int {
        slices.reduce(0) { $0 + Int($1.length) }
    }

    /// Whether every other text has two double quotes, judged by some rows.
    private static func holdQuotes(_ slices: [RecordBatch.Slice], _ arena: RawSpan) -> Bool {
        let step = max(1, slices.count / judgedRows)
        var looked = 0
        var quoted = 0
        for row in stride(from: 0, to: slices.count, by: step) {
            looked += 1
            let text = arena.slice(Int(slices[row].offset), Int(slices[row].length))
            guard let first = firstIndex(of: UInt8(ascii: "\""), in: text) else { continue }
            if firstIndex(of: UInt8(ascii: "\""), in: text, from: first + 1) != nil { quoted += 1 }
        }
        return quoted * 2 >= looked
    }
}
