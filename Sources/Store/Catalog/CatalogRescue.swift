import Bytes
import Machine
import Records

/// The catalog as a start finds it: itself, or its copy where it is damaged or lost and nothing can be missing by that.
struct CatalogRescue {
    /// Nil for a folder that is new.
    let state: CatalogState?
    /// What was done, for the log.
    private(set) var note: String?

    /// Reads both. Throws `CorruptionError`, which says what can be done, if neither will do. O(segments).
    init(_ storage: SharedStorage, path: String) throws {
        do {
            if let sound = try storage.catalog.load() {
                state = sound
                return
            }
            let segment = try storage.blobs.list().first
            if segment == nil, try storage.catalog.loadCopy() == nil {
                state = nil
                return
            }
            // The first start wrote a catalog, so it was lost; without it the segments must not be taken for debris.
            let left = segment.map { "segment \($0)" } ?? "its copy"
            throw CorruptionError("the catalog is missing although \(left) is there", offset: 0, file: path)
        } catch let error as CorruptionError {
            let copy = try Self.copy(storage, after: error)
            state = copy
            note = "\(error); its copy was taken, which lists every segment that is there"
        }
    }

    /// The copy, if its segments are all there and no others: one of another time would give rows up.
    private static func copy(_ storage: SharedStorage, after error: CorruptionError) throws -> CatalogState {
        func refusal(_ why: String) -> CorruptionError {
            let advice = "put a snapshot in its place, or begin with another folder and keep this one"
            return CorruptionError(
                "\(error.reason), and \(why); nothing was changed: \(advice)", offset: error.offset, file: error.file)
        }
        let copy: CatalogState
        do {
            guard let found = try storage.catalog.loadCopy() else { throw refusal("it has no copy") }
            copy = found
        } catch let damage as CorruptionError where damage.file != error.file {
            throw refusal("its copy is damaged too (\(damage))")
        }
        var unlisted = Set(try storage.blobs.list().filter { $0.hasSuffix(SegmentEntry.suffix) })
        for entry in copy.segments {
            let isThere = unlisted.remove(entry.blobName) != nil
            guard try isThere && storage.blobs.size(of: entry.blobName) == entry.bytes else {
                throw refusal("its copy lists segment \(entry.blobName), which is not there as it should be")
            }
        }
        if let other = unlisted.min() { throw refusal("its copy does not list segment \(other), which is there") }
        return copy
    }
}
