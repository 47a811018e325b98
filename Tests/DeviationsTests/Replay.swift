import Bytes
import Corpora
import Deviations
import Formats
import Records

/// A built-in corpus through parser and engine, as a server would take it in.
struct Replay {
    let engine: DeviationEngine
    let truth: JSONValue

    init(_ corpus: String, rows: Int, seed: UInt64) throws {
        var writer = try CorpusWriter(name: corpus, rows: rows, seed: seed)
        truth = try JSONValue(parsing: writer.truthJSON)
        engine = try DeviationEngine()
        var parser = JSONLinesParser()
        var lines: [UInt8] = []
        var group: UInt64 = 0
        func take() {
            while let batch = parser.takeBatch() {
                group += 1
                engine.observe(batch, at: JournalPosition(group: group))
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
    }

    func time(_ text: String?) -> Int64? {
        text.flatMap { TimeText.nanoseconds(ByteString($0)) }
    }

    /// Nanoseconds since the epoch.
    var onset: Int64? { time(truth["faults"]?.elements?.first?["onset"]?.text) }
    var launch: Int64? { time(truth["launch"]?.text) }
}
