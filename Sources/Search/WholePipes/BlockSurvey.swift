import Bytes
import QueryLanguage
import Records

/// `blocks_count`.
final class BlockCountAccumulator: PipeAccumulator {
    private let result: ByteString
    private var count: Int64 = 0

    init(result: ByteString) { self.result = result }

    func add(_ chunk: Chunk) { count += 1 }

    func merge(_ other: any PipeAccumulator) { count += (other as? BlockCountAccumulator)?.count ?? 0 }

    func finish(_ emit: (Chunk) throws -> Void) throws {
        try emit(Chunk(columns: [(result, .integers([count]))], rowCount: 1))
    }
}

/// `block_stats`: a row for each field of each block that has matches.
struct BlockStatsTransform: ChunkTransform {
    func apply(_ chunk: Chunk) throws -> Chunk? {
        let names = chunk.names
        var types: [ByteString] = []
        var bytes: [Int64] = []
        var items: [Int64] = []
        for name in names {
            let column = try chunk.column(name)
            types.append(ByteString(ValueTypeFilter.type(of: column, rowCount: chunk.rowCount)))
            bytes.append(Int64(column.memoryBytes))
            if case .dictionary(_, let values) = column { items.append(Int64(values.count)) } else { items.append(0) }
        }
        guard !names.isEmpty else { return nil }
        return Chunk(
            columns: [
                ("field", .strings(StringColumn(names))), ("type", .strings(StringColumn(types))),
                ("rows", .integers([Int64](repeating: Int64(chunk.rowCount), count: names.count))),
                ("values_bytes", .integers(bytes)), ("dict_items", .integers(items)),
            ], rowCount: names.count)
    }
}

/// `query_stats`: what the query has read, as one row instead of its answer.
final class QueryStatsPipe: OrderedPipe {
    private let outcome: OutcomeCounter

    init(outcome: OutcomeCounter) { self.outcome = outcome }

    func push(_ chunk: Chunk) -> Chunk? { nil }

    func finish(_ emit: (Chunk) throws -> Void) throws {
        let outcome = outcome.value
        let columns: [(ByteString, Int)] = [
            ("BlocksProcessed", outcome.blocksScanned), ("BlocksSkipped", outcome.blocksSkipped),
            ("RowsProcessed", outcome.rowsScanned), ("RowsFound", outcome.rowsMatched),
        ]
        try emit(Chunk(columns: columns.map { ($0.0, .integers([Int64($0.1)])) }, rowCount: 1))
    }
}
