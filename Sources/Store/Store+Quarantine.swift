import Bytes
import Journal
import Records

extension Store {
    /// A read error that somebody met: the block it names is left out from now on, the rest stays readable.
    public func quarantine(_ error: CorruptionError) {
        let handles = visible.monitor.withLock { $0.views.values.flatMap(\.segments) }
        if let handle = handles.first(where: { $0.address == error.file }) { return handle.quarantine(error) }
        damage.report(error)
        guard let file = error.file, file.hasPrefix(folder.journal) else { return }
        // Sealing removes the journal's files, and the block would go with them for good.
        try? StoreOpening.keepDamaged(file, system)
        visible.monitor.withLock { $0.dropMemory(of: file, at: error.offset) }
    }

    /// Does what reads the memory table, again without a block that turns out to be damaged: it must not hold up the
    /// others. Holds `sealing`.
    func withoutDamagedBlocks<Result>(_ work: () throws -> Result) throws -> Result {
        while true {
            do {
                return try work()
            } catch let error as CorruptionError {
                let before = visible.monitor.withLock { $0.damagedBlocks }
                quarantine(error)
                guard visible.monitor.withLock({ $0.damagedBlocks }) > before else { throw error }
            }
        }
    }
}
