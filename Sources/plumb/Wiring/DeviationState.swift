import Bytes
import Deviations
import Logging
import Machine
import Store

/// The watching layer's state in a data folder.
struct DeviationState {
    let folder: String
    let system: any FileSystem

    var path: String { folder + "/deviations.state" }
    /// Where a state that could not be read is kept for whoever wants to look into it.
    var damagedPath: String { path + ".damaged" }

    /// An engine that goes on from the saved state. Throws `CorruptionError` with the file for one that is damaged.
    func load() throws -> DeviationEngine {
        do {
            return try DeviationEngine(storage: FolderStateStorage(path: path, system: system))
        } catch let error as CorruptionError {
            throw CorruptionError(error.reason, offset: error.offset, file: path)
        }
    }

    /// The same, but a state that cannot be read is set aside: baselines can be learnt again, and records must not wait
    /// for it. The engine then begins with what the journal still holds.
    func loadOrSetAside(_ logger: Logger) throws -> DeviationEngine {
        do {
            return try load()
        } catch {
            guard error is CorruptionError || (error as? FileError)?.code == .inputOutput else { throw error }
            try setAside()
            logger.error(
                """
                the state of the deviations cannot be read: \(error); it is kept as \(damagedPath), and baselines are \
                learnt anew
                """)
            return try load()
        }
    }

    private func setAside() throws {
        // Another server's file is not to be moved.
        let lock: any FileLock
        do throws(FileError) {
            lock = try system.lock(folder + "/LOCK")
        } catch {
            guard case .locked(let processID) = error.code else { throw error }
            throw StoreError.inUse(folder: folder, processID: processID)
        }
        defer { lock.release() }
        try system.rename(path, to: damagedPath)
        try system.syncDirectory(folder)
    }
}
