import Journal
import Machine
import Records
import Testing

@Suite struct MarkTests {
    private func mark(_ last: UInt64) -> SourceMark { SourceMark(agent: "a", lastSequence: last) }

    @Test func aRepetitionStoresNothing() async throws {
        let rig = try Rig(CrashableFileSystem())
        let journal = rig.journal
        #expect(await journal.lastSequence(of: "a") == 0)
        try await journal.append(Rows.batch(0..<10), mark: mark(10))
        try await journal.append(Rows.batch(0..<10), mark: mark(10))
        #expect(await journal.lastSequence(of: "a") == 10)
        #expect(rig.shown.withLock { $0 } == Array(0..<10))
        journal.close()
        let again = try Rig(rig.disk)
        try await again.journal.append(Rows.batch(0..<10), mark: mark(10))
        try await again.journal.append(Rows.batch(10..<12), mark: mark(12))
        #expect(again.shown.withLock { $0 } == [10, 11])
        again.journal.close()
    }

    @Test func aRepetitionUnderWayWaitsForTheFirst() async throws {
        let gate = Monitor(false)
        let rig = try Rig(CrashableFileSystem()) { _ in
            _ = gate.wait { $0 ? true : nil }
            return false
        }
        async let first = rig.journal.append(Rows.batch(0..<10), mark: mark(10))
        while rig.journal.status.waitingBatches < 1 { await Task.yield() }
        async let second = rig.journal.append(Rows.batch(0..<10), mark: mark(10))
        while rig.journal.status.waitingBatches < 2 { await Task.yield() }
        async let asked = rig.journal.lastSequence(of: "a")
        gate.update { $0 = true }
        _ = try await (first, second)
        #expect(await asked == 10)
        #expect(rig.shown.withLock { $0 } == Array(0..<10))
        rig.journal.close()
    }

    @Test func nothingJumpsOverARefusedBatch() async throws {
        let disk = CrashableFileSystem()
        let rig = try Rig(disk)
        try await rig.journal.append(Rows.batch(0..<1), mark: mark(1))
        disk.fail("write", suffix: ".plj", with: .noSpace)
        await #expect(throws: SinkError.self) { try await rig.journal.append(Rows.batch(1..<2), mark: mark(2)) }
        while rig.journal.status.failure != nil { await Task.yield() }
        await #expect(throws: SinkError.self, "it would open a gap") {
            try await rig.journal.append(Rows.batch(2..<3), mark: mark(3))
        }
        try await rig.journal.append(Rows.batch(1..<2), mark: mark(2))
        try await rig.journal.append(Rows.batch(2..<3), mark: mark(3))
        #expect(rig.shown.withLock { $0 } == [0, 1, 2])
        rig.journal.close()
    }

    @Test func aMarkMayComeWithoutRows() async throws {
        let rig = try Rig(CrashableFileSystem())
        try await rig.journal.append(RecordBatch(), mark: mark(5))
        rig.journal.close()
        let again = try Rig(rig.disk)
        #expect(await again.journal.lastSequence(of: "a") == 5)
        again.journal.close()
    }

    /// Records of tenant 7:1 were once dropped as repetitions of 0:0's when both had an agent of one name.
    @Test func agentsOfOneNameInTwoTenantsAreNumberedApart() async throws {
        let other = Tenant(account: 7, project: 1)
        let rig = try Rig(CrashableFileSystem())
        try await rig.journal.append(Rows.batch(0..<10), mark: mark(10))
        #expect(await rig.journal.lastSequence(of: "a", tenant: other) == 0)
        try await rig.journal.append(Rows.batch(10..<14, tenant: other), mark: mark(4))
        // A name of 0:0 that looks like another tenant's.
        try await rig.journal.append(Rows.batch(14..<15), mark: SourceMark(agent: "7:1/a", lastSequence: 1))
        #expect(rig.shown.withLock { $0.sorted() } == Array(0..<15))
        rig.journal.close()
        let again = try Rig(rig.disk)
        #expect(await again.journal.lastSequence(of: "a") == 10)
        #expect(await again.journal.lastSequence(of: "a", tenant: other) == 4)
        #expect(await again.journal.lastSequence(of: "7:1/a") == 1)
        again.journal.close()
    }
}
