import Journal
import Machine
import Records
import Testing

@Suite struct CrashTests {
    /// One life: rows go on from `next`; answers what was acknowledged.
    private func life(_ disk: CrashableFileSystem, from next: Int, _ random: inout SeededRandom) async -> (
        acknowledged: Int, tried: Int
    ) {
        guard let rig = try? Rig(disk, options: Rig.options(fileBytes: 300)) else { return (next, next) }
        defer { rig.journal.close() }
        var position = next
        for _ in 0..<8 {
            let count = Int.random(in: 1...5, using: &random)
            do {
                let mark = SourceMark(agent: "agent", lastSequence: UInt64(position + count))
                _ = try await rig.journal.append(Rows.batch(position..<(position + count)), mark: mark)
                position += count
            } catch {
                return (position, position + count)
            }
        }
        return (position, position)
    }

    /// Power goes at every operation of a workload, several seeds each: all that was acknowledged is there, once.
    @Test(arguments: 0..<16) func powerLossAtEveryOperation(seed: UInt64) async throws {
        for crash in 0..<60 {
            var random = SeededRandom(seed: seed &* 1_000 &+ UInt64(crash))
            var disk = CrashableFileSystem()
            var acknowledged = 0
            var stored: [Int] = []
            // Two crashed lives, then a look.
            for _ in 0..<2 {
                disk.losePower(at: disk.operations + crash)
                let outcome = await life(disk, from: stored.count, &random)
                acknowledged = max(acknowledged, outcome.acknowledged)
                disk = disk.restarted(seed: random.next())
                let replay = try JournalReplay(disk, directory: "data/journal", after: .beginning)
                stored = try Rows.numbers(replay)
                #expect(replay.damage.isEmpty, "seed \(seed) crash \(crash): \(replay.damage)")
                #expect(stored == Array(0..<stored.count), "seed \(seed) crash \(crash)")
                #expect(stored.count >= acknowledged, "seed \(seed) crash \(crash): \(acknowledged) acknowledged")
                #expect(stored.count <= outcome.tried, "seed \(seed) crash \(crash)")
                let marks = replay.groups.flatMap(\.entries).flatMap(\.marks).map(\.lastSequence).max() ?? 0
                #expect(Int(marks) == stored.count, "the mark moves with the rows")
            }
        }
    }

    @Test(arguments: ["write", "sync", "create", "syncDirectory", "truncate"], [FileError.Code.inputOutput, .noSpace])
    func aFailingDiskNeverLosesWhatItAcknowledged(operation: String, code: FileError.Code) async throws {
        for after in 0..<12 {
            let disk = CrashableFileSystem()
            let rig = try Rig(disk, options: Rig.options(fileBytes: 300))
            var acknowledged: [Int] = []
            for number in 0..<40 {
                if number == after { disk.fail(operation, with: code, times: 3) }
                while true {
                    do {
                        _ = try await rig.journal.append(Rows.batch(number..<(number + 1)), mark: nil)
                        acknowledged.append(number)
                        break
                    } catch {
                        #expect(error as SinkError != .closed)
                        await Task.yield()
                    }
                }
            }
            #expect(acknowledged == Array(0..<40))
            rig.journal.close()
            for seed in 0..<4 {
                let replay = try JournalReplay(
                    disk.restarted(seed: UInt64(seed)), directory: "data/journal", after: .beginning)
                #expect(try Rows.numbers(replay) == acknowledged, "\(operation) \(code) after \(after) seed \(seed)")
                #expect(replay.damage.isEmpty, "\(operation) \(code) after \(after) seed \(seed): \(replay.damage)")
            }
        }
    }

    @Test func aFullDiskSaysSoAndRecoversByItself() async throws {
        // With little room from the start, what is free is asked for before each group.
        let disk = CrashableFileSystem(capacity: 1 << 20)
        var options = Rig.options()
        options.reserveBytes = 1_000
        let rig = try Rig(disk, options: options)
        _ = try await rig.journal.append(Rows.batch(0..<1), mark: nil)
        disk.setCapacity(900)
        await #expect(throws: SinkError.storage("write data/journal: no space left on the disk")) {
            try await rig.journal.append(Rows.batch(1..<2), mark: nil)
        }
        #expect(rig.journal.status.failure != nil)
        disk.setCapacity(Int.max)
        while rig.journal.status.failure != nil { await Task.yield() }
        _ = try await rig.journal.append(Rows.batch(1..<2), mark: nil)
        rig.journal.close()
        #expect(try Rows.numbers(JournalReplay(disk, directory: "data/journal", after: .beginning)) == [0, 1])
    }

    @Test func aFullQueueAsksToComeAgain() async throws {
        let gate = Monitor(false)
        var options = Rig.options()
        options.queueBytes = 100
        let rig = try Rig(CrashableFileSystem(), options: options) { _ in
            _ = gate.wait { $0 ? true : nil }
            return false
        }
        async let first = rig.journal.append(Rows.batch(0..<20), mark: nil)
        while rig.journal.status.waitingBatches < 1 { await Task.yield() }
        await #expect(throws: SinkError.busy(retryAfterSeconds: 1)) {
            try await rig.journal.append(Rows.batch(20..<40), mark: nil)
        }
        gate.update { $0 = true }
        _ = try await first
        rig.journal.close()
    }
}
