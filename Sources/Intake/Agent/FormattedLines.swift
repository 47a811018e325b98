import Bytes
import Formats
import Machine

/// Makes JSON lines of lines in other forms. Every line that is not blank stays one record, joined to no neighbour,
/// so that the numbering does not depend on where the chunks are cut and is the same after a restart.
struct FormattedLines: LineSource {
    private var source: any LineSource
    private var format: LineFormat?
    private let clock: any WallClock

    /// Lines that must have been seen before a form that was found is kept.
    private static let linesToDecide = 16

    /// Without a `format` it is found from the first lines.
    init(_ source: any LineSource, format: LineFormat?, clock: any WallClock) {
        self.source = source
        self.format = format
        self.clock = clock
    }

    var isAtEnd: Bool { source.isAtEnd }
    func backlogBytes() -> Int { source.backlogBytes() }

    mutating func next() throws -> Chunk? {
        guard let chunk = try source.next() else { return nil }
        let form = format ?? LineFormat.detect(chunk.bytes.rawSpan)
        if chunk.records >= Self.linesToDecide { format = form }
        return form == .json ? chunk : rewritten(chunk, as: form)
    }

    private func rewritten(_ chunk: Chunk, as form: LineFormat) -> Chunk {
        var parser = LineParser(format: form, joinsLines: false)
        let now = clock.now()
        var result = Chunk(bytes: [], records: 0, place: chunk.place, begins: chunk.begins)
        result.bytes.reserveCapacity(chunk.bytes.count * 2)
        func collect() {
            while let batch = parser.takeBatch() {
                FieldWriter.append(batch, to: &result.bytes)
                result.records += batch.rowCount
            }
        }
        parser.feed(chunk.bytes.rawSpan, arrival: now)
        collect()
        parser.finish(arrival: now)
        collect()
        result.dropped = parser.counts.rejected
        return result
    }
}
