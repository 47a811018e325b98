import Bytes
import Deviations
import Machine
import Segments

/// The watching layer's state as one compressed file, replaced as a whole.
struct FolderStateStorage: StateStorage {
    let path: String
    let system: any FileSystem

    func load() throws -> [UInt8]? {
        guard system.exists(path) else { return nil }
        return try CompressedFile.decode(try system.readAll(path), name: "the state")
    }

    func save(_ bytes: [UInt8]) throws { try system.replace(path, with: CompressedFile.encode(bytes).rawSpan) }
}
