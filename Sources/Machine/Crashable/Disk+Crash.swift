extension Disk {
    /// Bytes that a disk writes at once or not at all; smaller than today's on purpose.
    private static let sectorBytes = 512

    /// What is left after the power went: durable state, and of the pending changes as much as the dice say.
    func survivor(_ random: inout SeededRandom) -> Disk {
        var disk = Disk(capacity: capacity)
        disk.folders = folders
        disk.names = durableNames
        for folder in folders.sorted() {
            let changes = pendingNames.filter { $0.folder == folder }
            for change in changes.prefix(Int.random(in: 0...changes.count, using: &random)) {
                change.apply(to: &disk.names)
            }
        }
        disk.durableNames = disk.names
        disk.nodes = nodes.map { node in
            let bytes = Self.survivingBytes(node, &random)
            return Node(current: bytes, durable: bytes)
        }
        return disk
    }

    private static func survivingBytes(_ node: Node, _ random: inout SeededRandom) -> [UInt8] {
        var bytes = node.durable
        guard !node.pending.isEmpty else { return bytes }
        switch Int.random(in: 0..<4, using: &random) {
        case 0:
            break
        case 1:
            for change in node.pending { Node.apply(change, to: &bytes) }
        case 2:
            let whole = Int.random(in: 0..<node.pending.count, using: &random)
            for change in node.pending.prefix(whole) { Node.apply(change, to: &bytes) }
            if case .write(let offset, let run) = node.pending[whole] {
                let kept = Int.random(in: 0...run.count, using: &random)
                if kept > 0 { Node.apply(.write(offset, Array(run.prefix(kept))), to: &bytes) }
            }
        default:
            for change in node.pending { applySectors(of: change, to: &bytes, &random) }
        }
        return bytes
    }

    /// Applies each sector of a write with even odds: what a disk that reorders leaves behind.
    private static func applySectors(of change: Change, to bytes: inout [UInt8], _ random: inout SeededRandom) {
        guard case .write(let offset, let run) = change else {
            if Bool.random(using: &random) { Node.apply(change, to: &bytes) }
            return
        }
        var start = 0
        while start < run.count {
            let end = min(run.count, (offset + start) / sectorBytes * sectorBytes + sectorBytes - offset)
            if Bool.random(using: &random) {
                Node.apply(.write(offset + start, Array(run[start..<end])), to: &bytes)
            }
            start = end
        }
    }
}
