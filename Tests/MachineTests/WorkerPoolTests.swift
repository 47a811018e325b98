import Machine
import Testing

/// Work that is shared out among a caller and whoever has time.
@Suite struct WorkerPoolTests {
    @Test(arguments: [0, 1, 3]) func everyPartIsDoneOnce(_ helpers: Int) {
        let pool = WorkerPool(name: "test", helpers: helpers)
        defer { pool.close() }
        for _ in 0..<200 {
            #expect(sumOfParts(pool) == 4_950)
        }
    }

    @Test func aBusyHelperKeepsNobodyWaiting() {
        let pool = WorkerPool(name: "test", helpers: 1)
        defer { pool.close() }
        let isHeld = Monitor(true)
        let holder = MachineThread(name: "holder") {
            // Both calls of this work wait, the helper's too.
            pool.run(2) { _ in _ = isHeld.wait { $0 ? nil : true } }
        }
        let calls = pool.countCalls()
        isHeld.update { $0 = false }
        holder.join()
        #expect(calls >= 1)
    }

    @Test func aClosedPoolLeavesTheWorkToItsCaller() {
        let pool = WorkerPool(name: "test", helpers: 2)
        pool.close()
        #expect(pool.countCalls() == 1)
    }

    private func sumOfParts(_ pool: WorkerPool) -> Int {
        let parts = Monitor((next: 0, sum: 0))
        pool.run(4) { _ in
            while true {
                let part = parts.withLock { state -> Int? in
                    guard state.next < 100 else { return nil }
                    state.next += 1
                    return state.next - 1
                }
                guard let part else { return }
                parts.withLock { $0.sum += part }
            }
        }
        return parts.withLock { $0.sum }
    }
}

extension WorkerPool {
    /// How many of four calls were made.
    fileprivate func countCalls() -> Int {
        let calls = Monitor(0)
        run(4) { _ in calls.withLock { $0 += 1 } }
        return calls.withLock { $0 }
    }
}
