import Bytes
import Journal
import Machine
import Records
import Segments

/// Where committed rows become visible: the commit thread adds, queries take views, sealing moves rows to segments.
final class VisibleState: Sendable {
    let monitor: Monitor<StoreState>
    let feed: ObserverFeed
    let tail = LiveTail()
    private let clock: any MonotonicClock
    private let sealBytes: Int

    init(_ state: StoreState, feed: ObserverFeed, clock: any MonotonicClock, sealBytes: Int) {
        monitor = Monitor(state)
        self.feed = feed
        self.clock = clock
        self.sealBytes = sealBytes
    }

    /// Shows a durable group to queries and observers. True when the memory table has grown enough to be sealed: the
    /// journal then begins a new file, so that the old ones hold just what is sealed.
    func show(_ group: CommittedGroup) -> Bool {
        var blocks: [(Tenant, MemoryBlock)] = []
        for entry in group.entries where entry.head.rowCount > 0 {
            // Our own encoder made it a moment ago.
            let block = try! EncodedBlock(group.payload, at: entry.head.block.lowerBound)
            blocks.append((entry.head.tenant, MemoryBlock(block, entry.head, group.position)))
        }
        let marks = group.entries.flatMap(\.head.numberings)
        let uptime = clock.uptime()
        let isFull = monitor.withLock { state in
            state.add(blocks, marks: marks, at: group.position, uptime: uptime)
            guard state.bytesSinceSeal >= sealBytes else { return false }
            state.wishToSeal()
            return true
        }
        if isFull { monitor.wake() }
        let batches = group.entries.compactMap(\.batch)
        for batch in batches { tail.send(batch) }
        if !batches.isEmpty && !feed.isEmpty {
            let bytes = batches.reduce(0) { $0 + $1.memoryBytes }
            feed.add(ObserverFeed.Item(position: group.position, bytes: bytes) { batches })
        }
        return isFull
    }
}
