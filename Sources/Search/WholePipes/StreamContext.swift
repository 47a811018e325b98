import Bytes
import QueryLanguage
import Records

/// `stream_context before a after b`: the matches with their neighbours in the same stream, in order of time; a row
/// whose message is `---` stands between runs that do not touch.
final class StreamContextAccumulator: PipeAccumulator {
    private struct Place {
        var time: Int64
        var chunk: Int32
        var row: Int32
        var isMatch: Bool
    }

    private let pipe: StreamContextPipe
    private let context: QueryContext
    /// Times of the matches of each stream.
    private var matches: [ByteString: [Int64]] = [:]
    private let filter: any RowFilter
    private let scope: any RowFilter
    private var memory: MemoryMeter
    private var matchCount = 0

    /// `filter` tells the matches; records outside of `scope` are not shown.
    init(_ pipe: StreamContextPipe, filter: any RowFilter, scope: any RowFilter, context: QueryContext) {
        self.pipe = pipe
        self.filter = filter
        self.scope = scope
        self.context = context
        memory = MemoryMeter(context.budget)
    }

    func add(_ chunk: Chunk) throws {
        let streams = try chunk.column(StandardFields.stream)
        guard let times = try chunk.times() else {
            throw SearchError.unsupported("stream_context on rows without a time")
        }
        chunk.rows.visit { matches[streams.value($0), default: []].append(times[$0]) }
        matchCount += chunk.rows.setCount
        try memory.set(matchCount * 8)
    }

    func merge(_ other: any PipeAccumulator) {
        guard let other = other as? StreamContextAccumulator else { return }
        matches.merge(other.matches) { $0 + $1 }
    }

    func finish(_ emit: (Chunk) throws -> Void) throws {
        let window = pipe.window?.nanoseconds ?? StreamContextPipe.defaultWindowNanoseconds
        guard let first = matches.values.joined().min(), let last = matches.values.joined().max() else { return }
        let range =
            first.subtractingReportingOverflow(window).partialValue...last.addingReportingOverflow(window).partialValue
        var chunks: [Chunk] = []
        var places: [ByteString: [Place]] = [:]
        var memory = MemoryMeter(context.budget)
        var held = 0
        for block in context.snapshot.blocks(in: range) {
            try context.budget.check()
            let source = BlockSource(block, context.executor)
            let chunk = Chunk(source, rowCount: block.rowCount)
            let streams = try chunk.column(StandardFields.stream)
            var rows = chunk.rows
            try FieldFilter(field: StandardFields.stream, matcher: SetMatcher(Array(matches.keys))).narrow(
                &rows, of: chunk)
            if !rows.isEmpty { try scope.narrow(&rows, of: chunk) }
            let times = try source.times()
            var matching = rows
            try filter.narrow(&matching, of: chunk)
            rows.visit { row in
                let place = Place(
                    time: times[row], chunk: Int32(chunks.count), row: Int32(row), isMatch: matching.contains(row))
                places[streams.value(row), default: []].append(place)
                held += MemoryLayout<Place>.stride
            }
            try memory.set(held)
            chunk.purge()
            chunks.append(chunk)
        }
        for stream in places.keys.sorted() {
            try hand(runs(places[stream] ?? [], window: window), of: stream, chunks, to: emit)
        }
    }

    /// Runs of neighbouring rows around the matches.
    private func runs(_ places: [Place], window: Int64) -> [[Place]] {
        let sorted = places.enumerated().sorted { ($0.element.time, $0.offset) < ($1.element.time, $1.offset) }.map(
            \.element)
        var wanted = Bitmap(count: sorted.count)
        for (index, place) in sorted.enumerated() where place.isMatch {
            let low = max(0, index - Int(clamping: min(pipe.before, 1 << 40)))
            let high = min(sorted.count - 1, index + Int(clamping: min(pipe.after, 1 << 40)))
            for neighbour in low...high where abs(sorted[neighbour].time &- place.time) <= window {
                wanted.insert(neighbour)
            }
        }
        var runs: [[Place]] = []
        var lastIndex = -2
        wanted.visit { index in
            if index == lastIndex + 1 {
                runs[runs.count - 1].append(sorted[index])
            } else {
                runs.append([sorted[index]])
            }
            lastIndex = index
        }
        return runs
    }

    private func hand(
        _ runs: [[Place]], of stream: ByteString, _ chunks: [Chunk], to emit: (Chunk) throws -> Void
    ) throws {
        for (index, run) in runs.enumerated() {
            let rows = run.map { PickedSource.Row(chunk: $0.chunk, row: $0.row) }
            try emit(Chunk(PickedSource(chunks, rows: rows), rowCount: rows.count))
            guard index + 1 < runs.count, let time = run.last?.time else { continue }
            try emit(
                Chunk(
                    columns: [
                        (StandardFields.time, .times([time &+ 1])), (StandardFields.stream, .constant(stream)),
                        (StandardFields.message, .constant("---")),
                    ], rowCount: 1))
        }
    }
}
