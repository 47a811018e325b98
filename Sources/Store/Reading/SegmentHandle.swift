import Bytes
import Machine
import Records
import Segments
import Synchronization
import Traces

/// A segment that the catalog lists, opened when it is first needed, and its file's lifetime: a segment that was merged
/// away or expired is deleted when the last query that sees it is done.
final class SegmentHandle: Sendable {
    /// What can be read: all of it, or what damage left.
    struct Readable: Sendable {
        var reader: SegmentReader
        /// Offsets of blocks that turned out damaged after opening.
        var excluded: Set<Int> = []
        /// Whether something besides the blocks did; then the index is not asked.
        var isMarred = false
        var isIndexChecked = false
        /// Pages of the file that could not be read, as far as the above knows of them.
        var losses = 0

        var isWhole: Bool { excluded.isEmpty && !isMarred && reader.damage.isEmpty }

        var blocks: [EncodedBlock] { whole(reader.blocks) }

        func blocks(withIdentifierKey key: IdentifierKey) -> [EncodedBlock] {
            whole(isMarred ? reader.blocks : reader.blocks(withIdentifierKey: key))
        }

        private func whole(_ blocks: [EncodedBlock]) -> [EncodedBlock] {
            excluded.isEmpty ? blocks : blocks.filter { !excluded.contains($0.range.lowerBound) }
        }
    }

    private enum Content: Sendable {
        case closed
        case open(Readable)
        case unreadable
    }

    let entry: SegmentEntry
    private let blobs: any BlobStore
    private let damage: DamageLog
    private let content = Mutex(Content.closed)
    private let isObsolete = Atomic<Bool>(false)

    init(_ entry: SegmentEntry, blobs: any BlobStore, damage: DamageLog) {
        self.entry = entry
        self.blobs = blobs
        self.damage = damage
    }

    deinit {
        // The catalog does not list it any more; should this fail, the next start removes it.
        if isObsolete.load(ordering: .acquiring) { try? blobs.delete(entry.blobName) }
    }

    /// How errors name it.
    var address: String { blobs.address(of: entry.blobName) }

    /// The catalog no longer lists the segment.
    func retire() { isObsolete.store(true, ordering: .releasing) }

    /// Whether a query that reads the segment gets all of its rows, as far as is known.
    var isWhole: Bool {
        content.withLock { content in
            switch content {
            case .closed: true
            case .open(let readable): readable.isWhole
            case .unreadable: false
            }
        }
    }

    /// What can be read of the segment, or nil if nothing can. Damage was reported then: queries go on without it.
    func readable() -> Readable? {
        let (answer, errors) = content.withLock { content -> (Readable?, [CorruptionError]) in
            switch content {
            case .open(let readable):
                guard readable.reader.losses != readable.losses else { return (readable, []) }
                let (known, error) = examine(readable)
                content = .open(known)
                return (known, error.map { [$0] } ?? [])
            case .unreadable: return (nil, [])
            case .closed: break
            }
            do throws(CorruptionError) {
                let reader = try open()
                let readable = Readable(reader: reader, losses: reader.losses)
                content = .open(readable)
                return (readable, reader.damage)
            } catch {
                content = .unreadable
                return (nil, [error])
            }
        }
        for error in errors { damage.report(error) }
        return answer
    }

    /// What is left of a segment some of whose pages could not be read: the index must be checked again, as every block
    /// does by itself, and a file that was cut short has lost the blocks behind its end.
    private func examine(_ known: Readable) -> (Readable, CorruptionError?) {
        var left = known
        left.losses = known.reader.losses
        left.isIndexChecked = false
        guard let size = try? blobs.size(of: entry.blobName), size < entry.bytes else { return (left, nil) }
        left.isMarred = true
        left.excluded.formUnion(known.reader.blocks.filter { $0.range.upperBound > size }.map(\.range.lowerBound))
        return (left, cutShort(to: size))
    }

    private func cutShort(to size: Int) -> CorruptionError {
        CorruptionError("\(size) bytes where the catalog says \(entry.bytes)", offset: size, file: address)
    }

    /// The blocks that may have an identifier. The first time, and after pages were lost, the indexes' checksums are
    /// looked at: a bit that has turned would make them deny what is there. O(indexes), the first time O(their bytes).
    func blocks(withIdentifierKey key: IdentifierKey) -> [EncodedBlock] {
        while let segment = readable() {
            guard segment.isIndexChecked else {
                prepare()
                continue
            }
            let blocks = segment.blocks(withIdentifierKey: key)
            // A page that is lost meanwhile may have been read as zeros.
            if segment.reader.losses == segment.losses { return blocks }
        }
        return []
    }

    /// What the first reader would have to wait for: opens the segment and checks its indexes. O(blocks × columns +
    /// bytes of the indexes).
    func prepare() {
        guard let segment = readable(), !segment.isIndexChecked else { return }
        do throws(CorruptionError) {
            try segment.reader.checkIndexes()
        } catch {
            quarantine(error)
        }
        content.withLock { content in
            guard case .open(var readable) = content, readable.losses == segment.losses else { return }
            readable.isIndexChecked = true
            content = .open(readable)
        }
    }

    /// Leaves out the block in which a read failed; the others stay readable.
    func quarantine(_ error: CorruptionError) {
        content.withLock { content in
            guard case .open(var readable) = content else { return }
            let blocks = readable.reader.blocks.filter { $0.range.contains(error.offset) }
            if blocks.isEmpty { readable.isMarred = true }
            readable.excluded.formUnion(blocks.map(\.range.lowerBound))
            content = .open(readable)
        }
        damage.report(error)
    }

    /// The same for any error; one that names no place makes the whole segment count as damaged.
    func quarantine(_ error: any Error) {
        if let error = error as? CorruptionError { return quarantine(error) }
        content.withLock { $0 = .unreadable }
        damage.report(error)
    }

    private func open() throws(CorruptionError) -> SegmentReader {
        let address = blobs.address(of: entry.blobName)
        let bytes: SharedBytes
        do {
            bytes = try blobs.map(entry.blobName)
        } catch {
            throw CorruptionError("\(error)", offset: 0, file: address)
        }
        guard bytes.count == entry.bytes else {
            throw cutShort(to: bytes.count)
        }
        let reader = try SegmentReader(bytes, file: address)
        guard reader.summary.tenant == entry.tenant, reader.summary.rowCount == entry.rows,
            reader.summary.timeRange == entry.timeRange
        else { throw CorruptionError("not the segment that the catalog describes", offset: 0, file: address) }
        return reader
    }
}
