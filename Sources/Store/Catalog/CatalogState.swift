import Bytes
import Records

/// Everything that must change at once when segments come and go.
public struct CatalogState: Sendable, Equatable {
    /// Rises by one with each change.
    public var generation: UInt64 = 0
    /// Commit groups up to this one are in segments; the journal is read from the next.
    public var sealedThrough = JournalPosition.beginning
    public var nextSegment: UInt64 = 1
    public var segments: [SegmentEntry] = []
    /// The highest durable sequence number of each agent, so that marks outlive the journal.
    public var marks: [String: UInt64] = [:]
    /// Bytes of segments written since the beginning, by sealing and by merging: their ratio is the write
    /// amplification.
    public var sealedBytes: UInt64 = 0
    public var mergedBytes: UInt64 = 0
    /// Rows that retention removed since the beginning, and those that deletions did.
    public var expiredRows: UInt64 = 0
    public var deletedRows: UInt64 = 0
    /// In the order in which they were accepted.
    public var deletions: [Deletion] = []

    /// Bytes written to segments over bytes sealed; 1 without any merge.
    public var writeAmplification: Double {
        sealedBytes == 0 ? 1 : Double(sealedBytes + mergedBytes) / Double(sealedBytes)
    }

    public init() {}
}

/// Where the catalog lives: one value, replaced whole. A folder has it in a file; PostgreSQL would have it in a row.
public protocol Catalog: Sendable {
    /// Nil for a store that has never sealed anything. `CorruptionError` for a catalog that is damaged or of a newer
    /// version.
    func load() throws -> CatalogState?
    /// The state that is kept a second time, for when `load` finds damage: the same as there, or the one that a
    /// `replace` that was cut short was about to put there. Nil if there is none.
    func loadCopy() throws -> CatalogState?
    /// Takes a copy away that says something else and cannot be replaced: a full disk has room for that.
    func removeCopy() throws
    /// Replaces the state atomically and durably. After an error it is unknown which of the two the next `load`
    /// answers.
    func replace(with state: CatalogState) throws
}

extension Catalog {
    /// A catalog that is kept safe by other means has none.
    public func loadCopy() throws -> CatalogState? { nil }
    public func removeCopy() throws {}
}
