import Bytes
import Formats
import Machine
import QueryLanguage
import Records

/// A file of log lines, read whole into batches: for queries on files.
enum LogFile {
    /// Unpacked bytes of one input, at most: what a query holds in memory.
    private static let inputBytes = 16 << 30

    /// Reads any known form, packed or not, and several of them line by line; rejected lines are said on standard
    /// error. JSON objects of which one has `_time` or `_msg` are rows of ours and stay as they are; of others these
    /// are taken from fields with usual names, but for those that `query` asks for by their own.
    static func batches(_ path: String, now: Int64, for query: Query? = nil) throws -> [RecordBatch] {
        var input = try Input(path)
        var options = ParseOptions()
        options.keepsTimes = true
        // One letter names many things, and rows of files are asked for as they are.
        options.timeFields.removeAll { $0 == "t" }
        if let query {
            let asked = query.mentionedNames
            options.messageFields.removeAll { $0 != StandardFields.message && asked.contains($0) }
            if !asked.contains(StandardFields.time) { options.timeFields.removeAll(where: asked.contains) }
        }
        var parser = LineParser(options: options)
        var mixed: MixedLines?
        var batches: [RecordBatch] = []
        var isFirst = true
        var chunk = try input.next()
        var decompressor = try Decompressor(Input.compression(chunk, path), outputLimit: inputBytes)
        var piece: [UInt8] = []
        do {
            while !chunk.isEmpty {
                decompressor.feed(chunk.rawSpan)
                while try decompressor.next(into: &piece) {
                    if isFirst {
                        if MixedLines.isMixed(piece.rawSpan) {
                            mixed = MixedLines(options: options)
                        } else if areRows(piece.rawSpan) {
                            options.messageFields = [StandardFields.message]
                            options.timeFields = [StandardFields.time]
                            parser = LineParser(options: options)
                        }
                        isFirst = false
                    }
                    guard mixed == nil else {
                        mixed?.feed(piece.rawSpan, arrival: now)
                        continue
                    }
                    parser.feed(piece.rawSpan, arrival: now)
                    while let batch = parser.takeBatch() { batches.append(shown(batch, now: now)) }
                }
                chunk = try input.next()
            }
            try decompressor.finish()
        } catch let error as DecompressionError {
            throw CommandFailure.failed("\(path): \(error)")
        }
        if var mixed { return mixed.finish(arrival: now).map { shown($0, now: now) } }
        parser.finish(arrival: now)
        while let batch = parser.takeBatch() { batches.append(shown(batch, now: now)) }
        for rejection in parser.takeRejections() {
            Terminal.note("\(path):\(rejection.line): \(rejection.reason): \(rejection.sample)")
        }
        if parser.counts.rejected > 0 { Terminal.note("\(path): \(parser.counts.rejected) lines were rejected") }
        return batches
    }

    /// Whether `"_time":` or `"_msg":` occurs: within texts of JSON the quotes would have a backslash. O(bytes).
    private static func areRows(_ bytes: RawSpan) -> Bool {
        bytes.byteCount > 0 && bytes[0] == UInt8(ascii: "{")
            && [StandardFields.time, StandardFields.message].contains { name in
                firstRange(of: Array("\"\(name)\":".utf8).rawSpan, in: bytes) != nil
            }
    }

    /// Gives those rows a `_time` that came without one and said their time otherwise. Rows that said none get none:
    /// the moment at which a file is read is not theirs. O(rows).
    private static func shown(_ batch: RecordBatch, now: Int64) -> RecordBatch {
        var batch = batch
        let own = batch.columnIndex(StandardFields.time)
        var slices = own.map { batch.columns[$0].slices } ?? []
        if own == nil { slices = [RecordBatch.Slice](repeating: .missing, count: batch.rowCount) }
        var isChanged = false
        for row in slices.indices where slices[row].length == 0 && batch.times[row] != now {
            let start = batch.arena.count
            Timestamp(nanoseconds: batch.times[row]).appendRFC3339(to: &batch.arena)
            slices[row] = RecordBatch.Slice(offset: UInt32(start), length: UInt32(batch.arena.count - start))
            isChanged = true
        }
        guard isChanged else { return batch }
        if let own {
            batch.columns[own].slices = slices
        } else {
            batch.columns.insert(RecordBatch.Column(name: StandardFields.time, slices: slices), at: 0)
        }
        return batch
    }
}
