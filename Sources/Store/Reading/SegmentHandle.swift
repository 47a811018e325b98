import Bytes
import Machine
import Records
import Segments
import Synchronization

/// A segment that the catalog lists, opened when it is first needed, and its file's lifetime: a segment that was merged
/// away or expired is deleted when the last query that sees it is done.
final class SegmentHandle: Sendable {
    private enum Content: Sendable {
        case closed
        case open(OpenSegment)
        case damaged(CorruptionError)
    }

    let entry: SegmentEntry
    private let blobs: any BlobStore
    private let content = Mutex(Content.closed)
    private let isObsolete = Atomic<Bool>(false)
    private let damage: DamageLog

    init(_ entry: SegmentEntry, blobs: any BlobStore, damage: DamageLog) {
        self.entry = entry
        self.blobs = blobs
        self.damage = damage
    }

    deinit {
        // The catalog does not list it any more; should this fail, the next start removes it.
        if isObsolete.load(ordering: .acquiring) { try? blobs.delete(entry.blobName) }
    }

    /// The catalog no longer lists the segment.
    func retire() { isObsolete.store(true, ordering: .releasing) }

    var isDamaged: Bool { content.withLock { if case .damaged = $0 { true } else { false } } }

    /// The open segment, or nil if it is damaged, which was reported then: queries go on without it.
    func segment() -> OpenSegment? {
        let result = content.withLock { content -> (OpenSegment?, CorruptionError?) in
            switch content {
            case .open(let segment): return (segment, nil)
            case .damaged: return (nil, nil)
            case .closed: break
            }
            let found = open()
            switch found {
            case .success(let segment):
                content = .open(segment)
                return (segment, nil)
            case .failure(let error):
                content = .damaged(error)
                return (nil, error)
            }
        }
        if let error = result.1 { damage.report(error) }
        return result.0
    }

    /// A read error inside the segment: it is left out from now on.
    func quarantine(_ error: CorruptionError) {
        let isNew = content.withLock { content -> Bool in
            if case .damaged = content { return false }
            content = .damaged(error)
            return true
        }
        if isNew { damage.report(error) }
    }

    private func open() -> Result<OpenSegment, CorruptionError> {
        let address = blobs.address(of: entry.blobName)
        do {
            let bytes = try blobs.map(entry.blobName)
            guard bytes.count == entry.bytes else {
                return .failure(
                    CorruptionError(
                        "\(bytes.count) bytes where the catalog says \(entry.bytes)", offset: bytes.count, file: address))
            }
            return .success(try OpenSegment(bytes, file: address))
        } catch let error as CorruptionError {
            return .failure(error)
        } catch {
            return .failure(CorruptionError("\(error)", offset: 0, file: address))
        }
    }
}
