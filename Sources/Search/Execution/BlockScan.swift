import Bytes
import Records
import Synchronization

/// Runs a plan: threads take blocks one after another, filter them and apply the pipes that look at one chunk at a
/// time; then either each thread feeds an accumulator of its own, or chunks go on in the order of the blocks.
struct BlockScan {
    let plan: QueryPlan
    let context: QueryContext
    let threads: Int

    func run(_ emit: @escaping (ResultRows) throws -> Void) throws {
        let transforms = plan.stages.prefix { if case .transform = $0 { true } else { false } }
        let rest = plan.stages.dropFirst(transforms.count)
        let work = BlockWork(plan: plan, context: context, transforms: transforms.compactMap(\.transform))
        if case .accumulate(let make)? = rest.first {
            let serial = SerialPipeline(rest.dropFirst(), context.budget) { try emit(ResultRows($0)) }
            try accumulate(work, make, into: serial)
            try serial.finish()
        } else if rest.isEmpty {
            let delivery = OrderedDelivery<ResultRows>(budget: context.budget, deliver: emit)
            try scan(work, onFailure: delivery.abort) { index, chunk, _ in
                try delivery.submit(index, chunk.map { try ResultRows($0) })
                return true
            }
        } else {
            let serial = SerialPipeline(rest, context.budget) { try emit(ResultRows($0)) }
            let delivery = OrderedDelivery<Chunk>(budget: context.budget, deliver: serial.push)
            try scan(work, onFailure: delivery.abort) { index, chunk, _ in
                if delivery.distance(of: index) > 8 { chunk?.purge() }
                try delivery.submit(index, chunk)
                return !serial.isDone
            }
            try serial.finish()
        }
    }

    private func accumulate(
        _ work: BlockWork, _ make: @Sendable () -> any PipeAccumulator, into serial: SerialPipeline
    ) throws {
        let accumulators = (0..<threads).map { _ in make() }
        try scan(work) { _, chunk, thread in
            if let chunk { try accumulators[thread].add(chunk) }
            return true
        }
        for other in accumulators.dropFirst() {
            try context.budget.check()
            try accumulators[0].merge(other)
        }
        try accumulators[0].finish(serial.push)
    }

    /// Calls `take` with each block's chunk, nil for a block without matches; false from it ends the scan.
    private func scan(
        _ work: BlockWork, onFailure: (any Error) -> Void = { _ in },
        _ take: (_ index: Int, Chunk?, _ thread: Int) throws -> Bool
    ) throws {
        let next = Atomic<Int>(0)
        let stop = Atomic<Bool>(false)
        let failure = Mutex<(any Error)?>(nil)
        let count = work.blocks.count
        func loop(_ thread: Int) {
            do {
                while !stop.load(ordering: .relaxed) {
                    let index = next.add(1, ordering: .relaxed).oldValue
                    guard index < count else { return }
                    try context.budget.check()
                    if try !take(index, try work.chunk(index), thread) { stop.store(true, ordering: .relaxed) }
                }
            } catch {
                stop.store(true, ordering: .relaxed)
                failure.withLock { if $0 == nil { $0 = error } }
                onFailure(error)
            }
        }
        Threads.run(min(threads, count), on: context.executor.pool, loop)
        if let error = failure.withLock({ $0 }) { throw error }
    }
}

extension Stage {
    fileprivate var transform: (any ChunkTransform)? {
        if case .transform(let transform) = self { transform } else { nil }
    }
}

/// From a block to a filtered and transformed chunk.
struct BlockWork {
    private let plan: QueryPlan
    private let context: QueryContext
    private let transforms: [any ChunkTransform]
    let blocks: [any ColumnBlock]
    /// The place of each block in the order of time.
    private let sequence: [Int]

    init(plan: QueryPlan, context: QueryContext, transforms: [any ChunkTransform]) {
        self.plan = plan
        self.context = context
        self.transforms = transforms
        let blocks: [any ColumnBlock]
        if let identifier = plan.identifier {
            blocks = context.snapshot.blocks(withIdentifier: identifier).filter {
                $0.timeRange.overlaps(plan.timeRange)
            }
        } else {
            blocks = context.snapshot.blocks(in: plan.timeRange)
        }
        var sequence = Array(blocks.indices)
        if plan.cutoff?.isDescending == true {
            sequence.sort { blocks[$0].timeRange.upperBound > blocks[$1].timeRange.upperBound }
        }
        self.blocks = sequence.map { blocks[$0] }
        self.sequence = sequence
    }

    func chunk(_ index: Int) throws -> Chunk? {
        let block = blocks[index]
        if plan.cutoff?.excludes(block.timeRange) == true || !plan.filter.mayMatch(block) {
            context.outcome.update { $0.blocksSkipped += 1 }
            return nil
        }
        let source = BlockSource(block, context.executor)
        var chunk = Chunk(source, rowCount: block.rowCount)
        chunk.sequence = sequence[index]
        try plan.filter.narrow(&chunk.rows, of: chunk)
        let matched = chunk.rows.setCount
        context.outcome.update { outcome in
            outcome.blocksScanned += 1
            outcome.rowsScanned += block.rowCount
            outcome.rowsMatched += matched
        }
        if matched == 0 { return nil }
        if plan.timeShift != 0, let times = try chunk.times() {
            chunk.set(StandardFields.time, .times(times.map { $0 &+ plan.timeShift }))
        }
        for transform in transforms {
            guard let next = try transform.apply(chunk), !next.rows.isEmpty else { return nil }
            next.sequence = sequence[index]
            chunk = next
        }
        return chunk
    }
}
