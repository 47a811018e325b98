import Machine
import Records
import Search
import Store
import Testing

@Suite struct DeletionCrashTests {
    /// Rows and deletions as the client knows them.
    private struct World {
        var disk = CrashableFileSystem()
        var acknowledged = 0
        var deleted: Set<Int> = []
        /// Of the deletion that was on its way when the power went: all of it holds, or nothing.
        var doubtful: Set<Int> = []
    }

    private static var options: StoreOptions {
        var options = Stores.quiet()
        options.journal.fileBytes = 2_000
        options.selectors = LogsQLSelectors()
        return options
    }

    private func live(_ world: inout World, _ random: inout SeededRandom) async throws {
        guard let store = try? Store("data", system: world.disk, options: Self.options) else { return }
        defer { store.close() }
        var next = Int(await store.lastSequence(of: "agent"))
        // Files that no query has opened yet cannot be opened without power.
        guard world.disk.hasPower else { return }
        try check(store.snapshot(), &world, rows: next)
        for _ in 0..<Int.random(in: 2...9, using: &random) {
            switch Int.random(in: 0..<12, using: &random) {
            case 0..<5:
                let count = Int.random(in: 1...20, using: &random)
                let step = Bool.random(using: &random) ? 1_000_000 : Rows.day / 7
                let mark = SourceMark(agent: "agent", lastSequence: UInt64(next + count))
                do { try await store.append(Rows.batch(next..<(next + count), step: step), mark: mark) } catch {
                    return
                }
                next += count
                world.acknowledged = next
            case 5..<8:
                let low = Int.random(in: 0..<(next + 10), using: &random)
                let high = low + Int.random(in: 0..<20, using: &random)
                let rows = Set((low...high).filter { $0 < next && $0 % 3 != 2 })
                do {
                    _ = try store.delete("n:range[\(low), \(high)] !service:=pay")
                } catch {
                    world.doubtful = rows
                    return
                }
                world.deleted.formUnion(rows)
            case 8..<10: try? await store.flush()
            case 10: _ = try? store.mergeOnce()
            default: try? await store.forceMerge()
            }
            guard world.disk.hasPower else { return }
            try check(store.snapshot(), &world, rows: next)
        }
    }

    private func check(_ snapshot: StoreSnapshot, _ world: inout World, rows: Int) throws {
        let numbers = try Rows.numbers(snapshot)
        let all = Set(0..<rows).subtracting(world.deleted)
        if Set(numbers) != all { world.deleted.formUnion(world.doubtful) }
        world.doubtful = []
        #expect(numbers == Set(0..<rows).subtracting(world.deleted).sorted())
    }

    /// Power goes at a seeded operation of each of four lives: what was deleted never comes back, and nothing else
    /// goes.
    @Test(arguments: 0..<16) func powerLossAnywhere(group: UInt64) async throws {
        for member in 0..<25 {
            var random = SeededRandom(seed: group * 1_000 + UInt64(member))
            var world = World()
            for _ in 0..<4 {
                world.disk.losePower(at: world.disk.operations + Int.random(in: 0..<150, using: &random))
                try await live(&world, &random)
                world.disk = world.disk.restarted(seed: random.next())
            }
            guard world.disk.exists("data/catalog") else { continue }
            let check = try FolderVerification("data", system: world.disk)
            #expect(check.isSound, "seed \(group)/\(member): \(check.problems)")
            let store = try Store("data", system: world.disk, options: Self.options)
            let rows = Int(await store.lastSequence(of: "agent"))
            #expect(rows >= world.acknowledged)
            try self.check(store.snapshot(), &world, rows: rows)
            try await store.flush()
            try await store.forceMerge()
            try self.check(store.snapshot(), &world, rows: rows)
            #expect(store.deletions.isEmpty, "seed \(group)/\(member)")
            #expect(store.statistics.rows == rows - world.deleted.filter { $0 < rows }.count)
            store.close()
        }
    }
}
