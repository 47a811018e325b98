import Bytes
import Records

/// A pipe that looks at one chunk at a time, in any order and on any thread.
protocol ChunkTransform: Sendable {
    /// The chunk changed in place, another one, or nil if no row is left.
    func apply(_ chunk: Chunk) throws -> Chunk?
}

/// A pipe that answers only when it has seen all rows. Each thread feeds one of its own; they are merged at the end.
protocol PipeAccumulator: AnyObject {
    func add(_ chunk: Chunk) throws
    /// Takes over what another of the same kind has seen.
    func merge(_ other: any PipeAccumulator) throws
    /// Hands out the result.
    func finish(_ emit: (Chunk) throws -> Void) throws
}

/// A pipe that depends on the order of the rows: one thread, chunk after chunk.
protocol OrderedPipe: AnyObject {
    func push(_ chunk: Chunk) throws -> Chunk?
    /// True once no further row can come out.
    var isDone: Bool { get }
    /// Rows that come when the input has ended.
    func finish(_ emit: (Chunk) throws -> Void) throws
}

extension OrderedPipe {
    var isDone: Bool { false }
    func finish(_ emit: (Chunk) throws -> Void) throws {}
}

/// One step of a plan.
enum Stage: Sendable {
    case transform(any ChunkTransform)
    case accumulate(@Sendable () -> any PipeAccumulator)
    case ordered(@Sendable () -> any OrderedPipe)
}
