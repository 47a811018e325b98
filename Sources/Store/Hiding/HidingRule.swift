import Records
import Segments

/// Why rows are hidden from everyone although they are still stored: a deletion that was accepted, or an age that their
/// stream may not reach.
struct HidingRule: Sendable {
    enum Scope: Sendable {
        case deleted(Deletion)
        /// Rows of before this time, in nanoseconds since the epoch.
        case expired(before: Int64)
    }

    let selection: RowSelection
    var scope: Scope

    /// The deletion's number; nil for an age.
    var deletion: UInt64? {
        if case .deleted(let deletion) = scope { deletion.number } else { nil }
    }

    /// The last commit group that the deletion is of; nil for an age.
    var lastGroup: UInt64? {
        if case .deleted(let deletion) = scope { deletion.through.group } else { nil }
    }

    func concerns(_ tenant: Tenant) -> Bool {
        if case .deleted(let deletion) = scope { deletion.tenant == tenant } else { true }
    }

    /// Whether rows of a block of the memory table may be hidden.
    func covers(_ memory: MemoryBlock) -> Bool {
        switch scope {
        case .deleted(let deletion): memory.groups.upperBound <= deletion.through.group
        case .expired(let limit): memory.block.timeRange.lowerBound < limit
        }
    }

    /// Whether rows of a segment may be hidden.
    func covers(_ entry: SegmentEntry) -> Bool {
        switch scope {
        case .deleted(let deletion): deletion.segments.contains(entry.number)
        case .expired(let limit): entry.timeRange.lowerBound < limit && !selection.isWithout(entry.number)
        }
    }

    /// Whether a segment should be written anew without its hidden rows: of an age, when it covers all rows.
    func isDue(_ entry: SegmentEntry) -> Bool {
        guard concerns(entry.tenant), covers(entry) else { return false }
        if case .expired(let limit) = scope { return entry.timeRange.upperBound < limit }
        return true
    }

    /// The hidden rows of a block that the rule covers. O(rows) the first time.
    func rows(of block: EncodedBlock) throws -> RowSelection.Rows {
        let selected = try selection.rows(of: block)
        guard case .expired(let limit) = scope, block.timeRange.upperBound >= limit else { return selected }
        var words = [UInt64](repeating: 0, count: (block.rowCount + 63) / 64)
        for (row, time) in try block.times().enumerated() where time < limit {
            words[row >> 6] |= 1 << UInt64(row & 63)
        }
        switch selected {
        case .none: return .none
        case .all: return .some(words)
        case .some(let selected): return .some(zip(words, selected).map { $0 & $1 })
        }
    }
}

extension [HidingRule] {
    /// The rows of a block that stay when all of the rules are applied; nil if every one does. O(rules × rows).
    func keptRows(of block: EncodedBlock) throws -> RowPresence? {
        var kept: [UInt64]?
        for rule in self {
            switch try rule.rows(of: block) {
            case .none: continue
            case .all: return RowPresence(words: Self.words(block.rowCount, full: false), rowCount: block.rowCount)
            case .some(let hidden):
                let before = kept ?? Self.words(block.rowCount, full: true)
                kept = zip(before, hidden).map { $0 & ~$1 }
            }
        }
        return kept.map { RowPresence(words: $0, rowCount: block.rowCount) }
    }

    private static func words(_ count: Int, full: Bool) -> [UInt64] {
        var words = [UInt64](repeating: full ? .max : 0, count: (count + 63) / 64)
        if full, count & 63 != 0 { words[words.count - 1] = (1 << UInt64(count & 63)) - 1 }
        return words
    }
}
