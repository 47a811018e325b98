import Records
import Segments

extension Store {
    /// Joins runs of small neighbouring blocks in the memory table, so that a thousand one-row groups cost a query as
    /// much as one block. Rows are encoded once more for each factor of `Limits.smallMemoryBlocks`. The journal, and
    /// what queries already hold, stay as they are. O(rows joined).
    func joinSmallBlocks() throws {
        try sealing.withLock { _ in try withoutDamagedBlocks { try joinNow() } }
    }

    private func joinNow() throws {
        // What a seal, or a deletion, ends with stays a border between blocks.
        let (views, borders) = visible.monitor.withLock { state in
            (state.views, [state.sealWanted.group] + state.deletions.compactMap(\.lastGroup))
        }
        for (tenant, view) in views {
            for run in SmallBlockRuns.find(view.memory, borders: borders) {
                try join(view.memory[run], of: tenant)
            }
        }
    }

    /// Puts one block in the place of several, or of each half of them where all have too many columns together.
    private func join(_ run: ArraySlice<MemoryBlock>, of tenant: Tenant) throws {
        let blocks = Array(run)
        guard blocks.count > 1 else { return }
        guard let output = try BlockEncoder(effort: .commit).join(blocks.map(\.block)) else {
            try join(run.prefix(blocks.count / 2), of: tenant)
            return try join(run.suffix(blocks.count - blocks.count / 2), of: tenant)
        }
        let joined = try joined(blocks, EncodedBlock(output.bytes))
        // Besides sealing and joining, which hold the lock, only damage takes blocks away.
        visible.monitor.withLock { $0.replaceMemory(of: tenant, blocks, with: joined) }
    }

    private func joined(_ blocks: [MemoryBlock], _ block: EncodedBlock) -> MemoryBlock {
        MemoryBlock(
            block: block, groups: blocks[0].groups.lowerBound...blocks[blocks.count - 1].groups.upperBound,
            rawBytes: blocks.reduce(0) { $0 + $1.rawBytes }, byteCount: block.byteCount)
    }
}

/// Which blocks to join: at least `Limits.smallMemoryBlocks` neighbours of fewer rows and bytes than a batch may have,
/// none of them behind a border (a group's number) that another is not behind.
enum SmallBlockRuns {
    static func find(_ memory: [MemoryBlock], borders: [UInt64]) -> [Range<Int>] {
        var runs: [Range<Int>] = []
        var start = 0
        var rows = 0
        var bytes = 0
        func end(_ index: Int) {
            if index - start >= Limits.smallMemoryBlocks { runs.append(start..<index) }
        }
        for index in memory.indices {
            let count = memory[index].block.rowCount
            let size = memory[index].rawBytes
            let group = memory[index].groups.lowerBound
            let isFirstBehind =
                index > start
                && borders.contains {
                    memory[index - 1].groups.upperBound <= $0 && $0 < group
                }
            if count >= Limits.smallBlockRows || size >= Limits.smallBlockBytes {
                end(index)
                start = index + 1
                rows = 0
                bytes = 0
            } else if index > start
                && (isFirstBehind || rows + count > Limits.rowsPerBatch || bytes + size > Limits.bytesPerBatch)
            {
                end(index)
                start = index
                rows = count
                bytes = size
            } else {
                rows += count
                bytes += size
            }
        }
        end(memory.count)
        return runs
    }
}
