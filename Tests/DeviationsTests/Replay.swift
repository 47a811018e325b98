import Bytes
import Corpora
import Deviations
import Formats
import Records

/// A built-in corpus through parser and engine, as a server would take it in.
struct Replay {
    let engine: DeviationEngine
    let truth: JSONValue
    /// From a day before the fault on.
    let batches: [RecordBatch]

    init(_ corpus: String, rows: Int, seed: UInt64) throws {
        var writer = try CorpusWriter(name: corpus, rows: rows, seed: seed)
        truth = try JSONValue(parsing: writer.truthJSON)
        engine = try DeviationEngine()
        var parser = JSONLinesParser()
        var lines: [UInt8] = []
        var group: UInt64 = 0
        var kept: [RecordBatch] = []
        let onset = (truth["faults"]?.elements?.first?["onset"]?.text).flatMap { TimeText.nanoseconds(ByteString($0)) }
        let engine = engine
        func take() {
            while let batch = parser.takeBatch() {
                group += 1
                engine.observe(batch, at: JournalPosition(group: group))
                // Only the latest days are asked for, and batches hold on to much.
                if let onset, batch.times.max() ?? .min > onset - 86_400_000_000_000 { kept.append(batch) }
            }
        }
        while true {
            lines.removeAll(keepingCapacity: true)
            guard writer.next(into: &lines, maximumBytes: 1 << 20) else { break }
            parser.feed(lines.rawSpan, arrival: 0)
            take()
        }
        parser.finish(arrival: 0)
        take()
        batches = kept
    }

    /// The records of so many hours from `start` on against those of the same hours of the day before.
    func explain(from start: Int64, hours: Int64) throws -> Explanation {
        let day: Int64 = 86_400_000_000_000
        let end = start + hours * 3_600_000_000_000
        var explainer = WindowExplainer(window: start..<end, baseline: (start - day)..<(end - day))
        for batch in batches {
            let block = BatchBlock(batch)
            if explainer.wants(block.timeRange) { try explainer.add(block) }
        }
        return explainer.explanation()
    }

    func time(_ text: String?) -> Int64? {
        text.flatMap { TimeText.nanoseconds(ByteString($0)) }
    }

    /// Nanoseconds since the epoch.
    var onset: Int64? { time(truth["faults"]?.elements?.first?["onset"]?.text) }
    var launch: Int64? { time(truth["launch"]?.text) }
}
