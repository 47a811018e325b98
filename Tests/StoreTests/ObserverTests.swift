import Machine
import Records
import Store
import Testing

@Suite struct ObserverTests {
    @Test func everyGroupIsSeenOnceInOrder() async throws {
        let watcher = Watcher()
        let disk = CrashableFileSystem()
        let store = try Store("data", system: disk, options: Stores.quiet(), observers: [watcher])
        for start in stride(from: 0, to: 100, by: 10) {
            try await store.append(Rows.batch(start..<(start + 10)), mark: nil)
        }
        try await store.flush()
        #expect(watcher.state.withLock { $0.saved } == Array(0..<100))
        #expect(try disk.list("data/journal").isEmpty)
        store.close()
    }

    @Test func theJournalIsKeptUntilTheObserverHasSaved() async throws {
        let watcher = Watcher()
        watcher.state.update { $0.refusesToSave = true }
        let disk = CrashableFileSystem()
        let store = try Store("data", system: disk, options: Stores.quiet(), observers: [watcher])
        try await store.append(Rows.batch(0..<10), mark: nil)
        try await store.flush()
        #expect(store.statistics.checkpointFailure != nil)
        #expect(try !disk.list("data/journal").isEmpty)
        try await store.append(Rows.batch(10..<20), mark: nil)
        disk.losePower(at: disk.operations)
        let after = disk.restarted(seed: 3)
        let second = watcher.reborn()
        let again = try Store("data", system: after, options: Stores.quiet(), observers: [second])
        #expect(try Rows.numbers(again.snapshot()) == Array(0..<20), "replayed for the observer, not for queries")
        try await again.flush()
        #expect(second.state.withLock { $0.saved } == Array(0..<20))
        #expect(try after.list("data/journal").isEmpty)
        again.close()
        store.close()
    }

    @Test func anObserverThatJoinsLaterStartsWithWhatIsLeft() async throws {
        let disk = CrashableFileSystem()
        let store = try Store("data", system: disk, options: Stores.quiet())
        try await store.append(Rows.batch(0..<10), mark: nil)
        store.close()
        let watcher = Watcher()
        let again = try Store("data", system: disk, options: Stores.quiet(), observers: [watcher])
        #expect(again.startNotes.isEmpty && again.statistics.damage.isEmpty)
        try await again.append(Rows.batch(10..<20), mark: nil)
        try await again.flush()
        #expect(watcher.state.withLock { $0.saved } == Array(10..<20))
        again.close()
    }
}
