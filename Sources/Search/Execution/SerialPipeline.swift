import Bytes
import Records

/// Pipes behind the parallel part of a query, one chunk after another on one thread at a time.
final class SerialPipeline {
    private enum Node {
        case transform(any ChunkTransform)
        case accumulator(any PipeAccumulator)
        case ordered(any OrderedPipe)
    }

    private var nodes: [Node]
    private let emit: (Chunk) throws -> Void
    private let budget: QueryBudget
    private var sequence = 0

    init(_ stages: some Sequence<Stage>, _ budget: QueryBudget, emit: @escaping (Chunk) throws -> Void) {
        nodes = stages.map { stage in
            switch stage {
            case .transform(let transform): .transform(transform)
            case .accumulate(let make): .accumulator(make())
            case .ordered(let make): .ordered(make())
            }
        }
        self.budget = budget
        self.emit = emit
    }

    /// True once no further input can change the answer.
    var isDone: Bool {
        for node in nodes {
            switch node {
            case .transform: continue
            case .accumulator: return false
            case .ordered(let pipe): if pipe.isDone { return true }
            }
        }
        return false
    }

    func push(_ chunk: Chunk) throws { try push(chunk, at: 0) }

    private func push(_ chunk: Chunk, at start: Int) throws {
        try budget.check()
        var chunk = chunk
        for index in start..<nodes.count {
            switch nodes[index] {
            case .transform(let transform):
                guard let next = try transform.apply(chunk) else { return }
                next.sequence = chunk.sequence
                chunk = next
            case .ordered(let pipe):
                guard let next = try pipe.push(chunk) else { return }
                next.sequence = chunk.sequence
                chunk = next
            case .accumulator(let accumulator):
                chunk.sequence = sequence
                sequence += 1
                return try accumulator.add(chunk)
            }
            if chunk.rows.isEmpty { return }
        }
        try emit(chunk)
    }

    /// Lets each pipe hand out what it has kept, first to last.
    func finish() throws {
        for index in nodes.indices {
            switch nodes[index] {
            case .transform: continue
            case .ordered(let pipe): try pipe.finish { try push($0, at: index + 1) }
            case .accumulator(let accumulator): try accumulator.finish { try push($0, at: index + 1) }
            }
        }
    }
}
