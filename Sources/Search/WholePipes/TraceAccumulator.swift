import Bytes
import QueryLanguage
import Records

/// `trace`: every record that shares an identifier with one of the matches, in order of time, whatever the query's
/// time range.
final class TraceAccumulator: PipeAccumulator {
    private let pipe: TracePipe
    private let context: QueryContext
    private var found = KeyTable()
    private var memory: MemoryMeter

    /// Names that mean the identifier of a whole request, in this order; others tell single steps or messages apart.
    private static let requestNames: [ByteString] = [
        "trace_id", "traceId", "traceid", "trace.id", "request_id", "requestId", "x-request-id", "correlation_id",
        "correlationId",
        "transaction_id",
    ]

    private let scope: any RowFilter

    /// `scope`: records outside of it are not shown.
    init(_ pipe: TracePipe, scope: any RowFilter, context: QueryContext) {
        self.pipe = pipe
        self.scope = scope
        self.context = context
        memory = MemoryMeter(context.budget)
    }

    private func fields(of names: [ByteString]) -> [ByteString] {
        if !pipe.fields.isEmpty { return pipe.fields }
        let request = Self.requestNames.filter(names.contains)
        return request.isEmpty ? names.filter(IdentifierField.isNamedLikeOne) : request
    }

    func add(_ chunk: Chunk) throws {
        for name in fields(of: chunk.names) {
            try chunk.column(name).forEach(chunk.rows) { _, value in
                if value.byteCount > 0 { _ = found.insert(value) }
            }
        }
        try memory.set(found.memoryBytes)
    }

    func merge(_ other: any PipeAccumulator) throws {
        guard let other = other as? TraceAccumulator else { return }
        let keys = other.found.keys
        for index in 0..<keys.count { _ = found.insert(keys[index]) }
        try memory.set(found.memoryBytes)
    }

    func finish(_ emit: (Chunk) throws -> Void) throws {
        var identifiers = (0..<found.count).map { found.keys.value($0) }
        if pipe.limit > 0, identifiers.count > Int(clamping: pipe.limit) {
            context.outcome.note(partial: "\(identifiers.count) identifiers: only \(pipe.limit) were followed")
            identifiers = Array(identifiers.prefix(Int(clamping: pipe.limit)))
        }
        guard let first = identifiers.first else { return }
        let normalized = identifiers.map(IdentifierField.normalized)
        let blocks =
            identifiers.count == 1
            ? context.snapshot.blocks(withIdentifier: first)
            : context.snapshot.blocks(in: .min ... .max).filter { block in
                identifiers.count > 1_000 || identifiers.contains { block.mayContain(identifier: $0) }
            }
        let sort = SortAccumulator(
            SortPipe(keys: [SortKey(StandardFields.time)]), cutoff: nil, budget: context.budget)
        let matcher = SetMatcher(identifiers + normalized)
        for (index, block) in blocks.enumerated() {
            try context.budget.check()
            let source = BlockSource(block, context.executor)
            let chunk = Chunk(source, rowCount: block.rowCount)
            chunk.sequence = index
            let parts = fields(of: chunk.names).map { FieldFilter(field: $0, matcher: matcher) }
            try AnyOf(parts: parts).narrow(&chunk.rows, of: chunk)
            if !chunk.rows.isEmpty { try scope.narrow(&chunk.rows, of: chunk) }
            if !chunk.rows.isEmpty { try sort.add(chunk) }
        }
        try sort.finish(emit)
    }
}
