import Synchronization

/// While the newest (or oldest) n rows are sought: a time beyond which no row can be among them, shared by all
/// threads so that whole blocks are skipped.
final class TimeCutoff: Sendable {
    /// True if the latest rows are wanted.
    let isDescending: Bool
    private let time: Atomic<Int64>

    init(isDescending: Bool) {
        self.isDescending = isDescending
        time = Atomic(isDescending ? .min : .max)
    }

    /// Some thread holds enough rows, none of them beyond `worst`.
    func tighten(_ worst: Int64) {
        if isDescending { time.max(worst, ordering: .relaxed) } else { time.min(worst, ordering: .relaxed) }
    }

    /// Whether no row of the block can be wanted any more.
    func excludes(_ range: ClosedRange<Int64>) -> Bool {
        let limit = time.load(ordering: .relaxed)
        return isDescending ? range.upperBound < limit : range.lowerBound > limit
    }
}
