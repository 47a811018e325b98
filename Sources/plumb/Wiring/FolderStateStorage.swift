import Bytes
import Deviations
import Machine

/// The watching layer's state as one file, replaced as a whole.
struct FolderStateStorage: StateStorage {
    let path: String
    let system: any FileSystem

    func load() throws -> [UInt8]? {
        guard system.exists(path) else { return nil }
        return try system.readAll(path)
    }

    func save(_ bytes: [UInt8]) throws { try system.replace(path, with: bytes.rawSpan) }
}
