import Bytes
import Formats
import Machine
import Records

/// A file of log lines, read whole into batches: for queries on files.
enum LogFile {
    /// Unpacked bytes of one input, at most: what a query holds in memory.
    private static let inputBytes = 16 << 30

    /// Reads any known form, packed or not, and several of them line by line; rejected lines are said on standard
    /// error.
    static func batches(_ path: String, now: Int64) throws -> [RecordBatch] {
        var input = try Input(path)
        var options = ParseOptions()
        options.keepsTimes = true
        var parser = LineParser(options: options)
        var mixed: MixedLines?
        var batches: [RecordBatch] = []
        var isFirst = true
        var chunk = try input.next()
        var decompressor = try Decompressor(Compression.detect(chunk.rawSpan), outputLimit: inputBytes)
        var piece: [UInt8] = []
        do {
            while !chunk.isEmpty {
                decompressor.feed(chunk.rawSpan)
                while try decompressor.next(into: &piece) {
                    if isFirst, MixedLines.isMixed(piece.rawSpan) { mixed = MixedLines(options: options) }
                    isFirst = false
                    guard mixed == nil else {
                        mixed?.feed(piece.rawSpan, arrival: now)
                        continue
                    }
                    parser.feed(piece.rawSpan, arrival: now)
                    while let batch = parser.takeBatch() { batches.append(batch) }
                }
                chunk = try input.next()
            }
            try decompressor.finish()
        } catch let error as DecompressionError {
            throw CommandFailure.failed("\(path): \(error)")
        }
        if var mixed { return mixed.finish(arrival: now) }
        parser.finish(arrival: now)
        while let batch = parser.takeBatch() { batches.append(batch) }
        for rejection in parser.takeRejections() {
            Terminal.note("\(path):\(rejection.line): \(rejection.reason): \(rejection.sample)")
        }
        if parser.counts.rejected > 0 { Terminal.note("\(path): \(parser.counts.rejected) lines were rejected") }
        return batches
    }
}
