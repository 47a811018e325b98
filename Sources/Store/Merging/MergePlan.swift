/// Which segments to merge next: those of one tenant and day that have been through equally many merges, once there are
/// enough of them. A row is rewritten once a level, so the write amplification is the number of levels, the logarithm
/// of the number of seals a day to the base of the fan-in.
package struct MergePlan: Equatable {
    package var inputs: [SegmentEntry]
    package var level: Int

    /// The most pressing merge, smallest bytes first; nil when all is well. O(segments · log).
    package static func next(_ segments: [SegmentEntry], fanIn: Int, maximumBytes: Int) -> MergePlan? {
        let small = segments.filter { $0.bytes < maximumBytes }
        let plans = groups(small) { "\($0.tenant)/\($0.day)/\($0.level)" }.compactMap { group -> MergePlan? in
            guard group.count >= fanIn else { return nil }
            return plan(Array(group.sorted { $0.number < $1.number }), maximumBytes: maximumBytes)
        }
        return plans.min { $0.bytes < $1.bytes }
    }

    /// Merges that leave each tenant's day in one segment, or as few as the bound on bytes allows.
    static func all(_ segments: [SegmentEntry], maximumBytes: Int) -> [MergePlan] {
        groups(segments.filter { $0.bytes < maximumBytes }) { "\($0.tenant)/\($0.day)" }.compactMap { group in
            plan(group.sorted { $0.bytes < $1.bytes }, maximumBytes: maximumBytes)
        }
    }

    private var bytes: Int { inputs.reduce(0) { $0 + $1.bytes } }

    private static func plan(_ group: [SegmentEntry], maximumBytes: Int) -> MergePlan? {
        var inputs: [SegmentEntry] = []
        var bytes = 0
        for segment in group where bytes + segment.bytes <= maximumBytes {
            inputs.append(segment)
            bytes += segment.bytes
        }
        guard inputs.count >= 2 else { return nil }
        return MergePlan(inputs: inputs, level: inputs.map(\.level).max()! + 1)
    }

    private static func groups(_ segments: [SegmentEntry], by key: (SegmentEntry) -> String) -> [[SegmentEntry]] {
        Dictionary(grouping: segments, by: key).sorted { $0.key < $1.key }.map(\.value)
    }
}
