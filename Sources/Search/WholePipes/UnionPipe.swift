import Bytes
import QueryLanguage
import Records

/// `union (query)`: the rows of the input, then those of the query.
final class UnionPipe: OrderedPipe {
    private let query: Query
    private let context: QueryContext

    init(_ query: Query, context: QueryContext) {
        self.query = query
        self.context = context
    }

    func push(_ chunk: Chunk) -> Chunk? { chunk }

    func finish(_ emit: (Chunk) throws -> Void) throws {
        for chunk in try context.chunks(of: query) { try emit(chunk) }
    }
}

/// `generate_sequence n`: whatever comes in, `n` rows with 0…n-1 as `_msg` go out.
final class SequencePipe: OrderedPipe {
    private static let rowsPerChunk: Int64 = 16_384
    private let count: Int64
    private let budget: QueryBudget

    init(_ count: UInt64, budget: QueryBudget) {
        self.count = Int64(clamping: count)
        self.budget = budget
    }

    var isDone: Bool { true }

    func push(_ chunk: Chunk) -> Chunk? { nil }

    func finish(_ emit: (Chunk) throws -> Void) throws {
        for start in stride(from: 0, to: count, by: Int(Self.rowsPerChunk)) {
            try budget.check()
            let numbers = Array(start..<min(start + Self.rowsPerChunk, count))
            try emit(Chunk(columns: [(StandardFields.message, .integers(numbers))], rowCount: numbers.count))
        }
    }
}
