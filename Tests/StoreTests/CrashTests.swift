import Bytes
import Machine
import Records
import Store
import Testing

@Suite struct CrashTests {
    /// What must hold whatever happens: the agent's view of the world.
    private struct World {
        var disk = CrashableFileSystem()
        var watcher = Watcher()
        /// Rows that were acknowledged, and those that were offered: row n has sequence number n + 1.
        var acknowledged = 0
        var offered = 0
    }

    /// One life of a server under a seeded workload, until the power goes or the work is done.
    private func live(_ world: inout World, _ random: inout SeededRandom) async {
        var options = Stores.quiet()
        options.journal.fileBytes = 2_000
        if Bool.random(using: &random) { options.sharedDayBytes = 64 << 10 }
        let watcher = world.watcher
        guard let store = try? Store("data", system: world.disk, options: options, observers: [watcher]) else { return }
        defer { store.close() }
        var next = Int(await store.lastSequence(of: "agent"))
        for _ in 0..<Int.random(in: 1...8, using: &random) {
            switch Int.random(in: 0..<10, using: &random) {
            case 0..<6:
                // Sometimes the agent repeats a batch that was acknowledged.
                let count = Int.random(in: 1...20, using: &random)
                world.offered = max(world.offered, next + count)
                let mark = SourceMark(agent: "agent", lastSequence: UInt64(next + count))
                let step = Bool.random(using: &random) ? 1_000_000 : Rows.day / 7
                do {
                    let batch = Rows.batch(next..<(next + count), step: step)
                    try await store.append(batch, mark: mark)
                    if Bool.random(using: &random) { try await store.append(batch, mark: mark) }
                    next += count
                    world.acknowledged = max(world.acknowledged, next)
                } catch {
                    return
                }
            case 6..<8: try? await store.flush()
            case 8: _ = try? store.mergeOnce()
            default: try? await store.forceMerge()
            }
        }
    }

    /// Power goes at a seeded operation of each of three lives; then all is counted.
    @Test(arguments: 0..<40) func powerLossAnywhere(group: UInt64) async throws {
        for member in 0..<25 {
            let seed = group * 1_000 + UInt64(member)
            var random = SeededRandom(seed: seed)
            var world = World()
            for _ in 0..<3 {
                world.disk.losePower(at: world.disk.operations + Int.random(in: 0..<120, using: &random))
                await live(&world, &random)
                world.disk = world.disk.restarted(seed: random.next())
                world.watcher = world.watcher.reborn()
            }
            try await check(world, seed: seed)
        }
    }

    private func check(_ world: World, seed: UInt64) async throws {
        if world.disk.exists("data/catalog") {
            let verification = try FolderVerification("data", system: world.disk)
            #expect(verification.isSound, "seed \(seed): \(verification.problems)")
        } else {
            #expect(world.acknowledged == 0, "seed \(seed): there is no catalog")
        }
        let store = try Store("data", system: world.disk, options: Stores.quiet(), observers: [world.watcher])
        let numbers = try Rows.numbers(store.snapshot())
        #expect(numbers == Array(0..<numbers.count), "seed \(seed): lost or doubled")
        #expect(numbers.count >= world.acknowledged, "seed \(seed): \(numbers.count) of \(world.acknowledged)")
        #expect(numbers.count <= world.offered, "seed \(seed)")
        #expect(await store.lastSequence(of: "agent") == UInt64(numbers.count), "seed \(seed): the mark")
        try await store.flush()
        #expect(world.watcher.state.withLock { $0.seen } == numbers, "seed \(seed): what the observer saw")
        #expect(try Rows.numbers(store.snapshot()) == numbers, "seed \(seed): after sealing")
        store.close()
        #expect(try world.disk.list("data/journal").isEmpty, "seed \(seed)")
    }

    @Test(arguments: 0..<8) func aFullDiskLosesNothingAndRecovers(seed: UInt64) async throws {
        var random = SeededRandom(seed: seed)
        let disk = CrashableFileSystem()
        let store = try Store("data", system: disk, options: Stores.quiet())
        var next = 0
        for round in 0..<30 {
            if round % 6 == 3 { disk.setCapacity(Int.random(in: 0..<40_000, using: &random)) }
            if round % 6 == 5 { disk.setCapacity(Int.max) }
            let batch = Rows.batch(next..<(next + 10))
            do {
                try await store.append(batch, mark: nil)
                next += 10
            } catch {
                #expect(store.failure != nil || error as SinkError != .closed)
            }
            if round % 4 == 0 { try? await store.flush() }
            #expect(try Rows.numbers(store.snapshot()) == Array(0..<next), "seed \(seed) round \(round)")
            while disk.hasRoom && store.failure != nil { await Task.yield() }
        }
        disk.setCapacity(Int.max)
        while store.failure != nil { await Task.yield() }
        try await store.append(Rows.batch(next..<(next + 10)), mark: nil)
        try await store.flush()
        store.close()
        let check = try FolderVerification("data", system: disk)
        #expect(check.isSound && check.segmentRows == next + 10, "seed \(seed): \(check.problems)")
    }
}

extension CrashableFileSystem {
    fileprivate var hasRoom: Bool { ((try? freeBytes(at: "data")) ?? 0) > 1 << 30 }
}
