import Records

/// Rows that are to go: all of a tenant that a filter selects and that were visible when it was accepted. They are
/// hidden from then on; their bytes go when the segments that hold them are written anew.
public struct Deletion: Sendable, Equatable {
    /// Never used again.
    public var number: UInt64
    public var tenant: Tenant
    /// The filter's text, and the moment (nanoseconds since the epoch) at which it was accepted and to which its
    /// relative times refer.
    public var filter: String
    public var acceptedAt: Int64
    /// Commit groups behind this one are not concerned.
    public var through: JournalPosition
    /// The segments that still may hold such rows.
    public var segments: Set<UInt64>

    public init(
        number: UInt64, tenant: Tenant, filter: String, acceptedAt: Int64, through: JournalPosition,
        segments: Set<UInt64>
    ) {
        self.number = number
        self.tenant = tenant
        self.filter = filter
        self.acceptedAt = acceptedAt
        self.through = through
        self.segments = segments
    }

    /// Whether neither the memory table nor a segment may hold such rows any more.
    func isDone(sealedThrough: JournalPosition) -> Bool { segments.isEmpty && through <= sealedThrough }
}

extension CatalogState {
    /// The deletions that have rows to remove, as far as is known.
    var activeDeletions: [Deletion] { deletions.filter { !$0.isDone(sealedThrough: sealedThrough) } }

    /// New segments of a tenant hold the rows of others, or of the memory table. `judged`: the deletions whose rows
    /// were left out of them; every other has to look at them if it had to look at one of the old. O(deletions).
    mutating func moveDeletions(from gone: Set<UInt64>, to new: [SegmentEntry], judged: Set<UInt64> = []) {
        for index in deletions.indices {
            let isConcerned = !deletions[index].segments.isDisjoint(with: gone)
            deletions[index].segments.subtract(gone)
            guard isConcerned, !judged.contains(deletions[index].number) else { continue }
            deletions[index].segments.formUnion(new.map(\.number))
        }
    }

    /// The same for segments made of the memory table.
    mutating func addSealed(_ new: [SegmentEntry], judged: Set<UInt64>) {
        for index in deletions.indices where !judged.contains(deletions[index].number) {
            let tenant = deletions[index].tenant
            deletions[index].segments.formUnion(new.lazy.filter { $0.tenant == tenant }.map(\.number))
        }
    }
}
