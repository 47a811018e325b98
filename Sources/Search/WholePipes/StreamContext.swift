import Bytes
import QueryLanguage
import Records

/// `stream_context before a after b`: each match with its neighbours in the same stream, in order of time and as far as
/// the next matches; where there is more than one match, a row whose message is `---` stands behind each such group.
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
        var groups: [(matchTime: Int64, stream: ByteString, groups: [[Place]])] = []
        for (stream, places) in places {
            let found = self.groups(places, window: window)
            if let time = matches[stream]?.min(), !found.isEmpty { groups.append((time, stream, found)) }
        }
        groups.sort { ($0.matchTime, $0.stream) < ($1.matchTime, $1.stream) }
        let isDelimited = groups.reduce(0) { $0 + $1.groups.count } > 1
        for group in groups.flatMap(\.groups) { try hand(group, chunks, isDelimited: isDelimited, to: emit) }
    }

    /// The neighbours of each match, up to the matches around it; what one group has, the next has not.
    private func groups(_ places: [Place], window: Int64) -> [[Place]] {
        let sorted = places.enumerated().sorted { ($0.element.time, $0.offset) < ($1.element.time, $1.offset) }.map(
            \.element)
        let matching = sorted.indices.filter { sorted[$0].isMatch }
        var groups: [[Place]] = []
        // Behind the last row that was taken.
        var free = 0
        for (number, index) in matching.enumerated() {
            let next = number + 1 < matching.count ? matching[number + 1] : sorted.count
            let low = max(free, index - Int(clamping: min(pipe.before, 1 << 40)))
            let high = min(next - 1, index + Int(clamping: min(pipe.after, 1 << 40)))
            groups.append((low...high).map { sorted[$0] }.filter { abs($0.time &- sorted[index].time) <= window })
            free = high + 1
        }
        return groups
    }

    private func hand(
        _ group: [Place], _ chunks: [Chunk], isDelimited: Bool, to emit: (Chunk) throws -> Void
    ) throws {
        let rows = group.map { PickedSource.Row(chunk: $0.chunk, row: $0.row) }
        let chunk = Chunk(PickedSource(chunks, rows: rows), rowCount: rows.count)
        let stream = try chunk.column(StandardFields.stream).value(rows.count - 1)
        let streamID = try chunk.column(StandardFields.streamID).value(rows.count - 1)
        try emit(chunk)
        guard isDelimited, let time = group.last?.time else { return }
        try emit(
            Chunk(
                columns: [
                    (StandardFields.time, .times([time &+ 1])), (StandardFields.streamID, .constant(streamID)),
                    (StandardFields.stream, .constant(stream)), (StandardFields.message, .constant("---")),
                ], rowCount: 1))
    }
}
