import Records

/// One tenant's rows as they stand at a moment: a value, so that a query keeps what it has taken.
struct TenantView: Sendable {
    /// In the order of their groups.
    var memory: [MemoryBlock] = []
    var segments: [SegmentHandle] = []

    var isEmpty: Bool { memory.isEmpty && segments.isEmpty }

    mutating func removeMemory(through group: UInt64) {
        memory.removeAll { $0.groups.upperBound <= group }
    }
}
