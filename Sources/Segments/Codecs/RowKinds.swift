import Bytes
import Records
import Synchronization

/// The kind of each row of a block, as the codes of one of its columns tell it: the template of the message, or the
/// value of a column of few.
final class RowKinds: Sendable {
    /// A row's kind, below `size`.
    let kinds: [UInt32]
    let size: Int
    /// Rows of each kind.
    let counts: [Int]
    /// Of kinds that a column of templates tells: where the parts of its texts stand.
    let layout: TemplateLayout?

    /// What was asked for last: the columns of a lookup all ask for the same rows.
    private let latest = Mutex<(rows: [Int], before: [UInt32])>(([], []))
    /// Codes of columns of which others are derived, by where they stand, of the rows that were asked for last.
    private let latestCodes = Mutex<(rows: [Int], codes: [Int: [UInt32]])>(([], [:]))
    /// Numbers that are kept for the next question at most; a question for more rows is answered in another way.
    private static let keptNumbers = 1 << 18
    /// Rows of which codes are kept for the next question at most.
    private static let keptRows = 1 << 12

    init(_ kinds: [UInt32], size: Int) {
        self.kinds = kinds
        self.size = size
        counts = CodeKernels.counts(kinds, limit: size)
        layout = nil
    }

    init(_ layout: TemplateLayout) {
        kinds = layout.codes
        size = layout.counts.count
        counts = layout.counts
        self.layout = layout
    }

    /// For each of some rows (ascending) and each kind, how many rows of the kind stand before it; nil where that would
    /// be too many numbers. O(rows of the block + rows × kinds), or O(rows) if it was asked for lately.
    func before(_ rows: [Int]) -> [UInt32]? {
        guard rows.count * size <= Self.keptNumbers else { return nil }
        return latest.withLock { latest in
            if latest.rows != rows { latest = (rows, KindKernels.countsBefore(rows, kinds, size: size)) }
            return latest.before
        }
    }

    /// The codes of some rows of a column, which begins at `section`; `read` reads them where that was not done lately.
    func codes(
        of rows: [Int], ofSection section: Int, _ read: () throws(CorruptionError) -> [UInt32]
    ) throws(CorruptionError) -> [UInt32] {
        let known = latestCodes.withLock { latest in latest.rows == rows ? latest.codes[section] : nil }
        if let known { return known }
        let codes = try read()
        guard rows.count <= Self.keptRows else { return codes }
        latestCodes.withLock { latest in
            if latest.rows != rows { latest = (rows, [:]) }
            latest.codes[section] = codes
        }
        return codes
    }

    /// How many rows of the same kind stand before each of some rows, ascending.
    func ranks(of rows: [Int]) -> [Int] {
        if let before = before(rows) {
            return rows.indices.map { Int(before[$0 * size + Int(kinds[rows[$0]])]) }
        }
        var seen = [Int](repeating: 0, count: size)
        var next = 0
        return rows.map { row in
            for earlier in next..<row { seen[Int(kinds[earlier])] += 1 }
            next = max(next, row)
            return seen[Int(kinds[row])]
        }
    }
}

/// The kinds that were read last: most columns of a block ask for the same ones.
enum RowKindsCache {
    private struct Key: Equatable {
        var block: BlockIdentity
        var column: Int
    }

    /// Two a thread that reads blocks.
    private static let kept = 8
    /// Blocks of more rows, which nobody writes by custom, are not kept.
    private static let rowsLimit = 1 << 16
    private static let entries = Mutex<[(key: Key, kinds: RowKinds)]>([])

    /// O(1) if they were read lately.
    static func kinds(
        _ block: BlockIdentity, column: Int, _ read: () throws(CorruptionError) -> RowKinds
    ) throws(CorruptionError) -> RowKinds {
        let key = Key(block: block, column: column)
        let known = entries.withLock { entries in entries.last { $0.key == key }?.kinds }
        if let known { return known }
        let kinds = try read()
        guard kinds.kinds.count <= rowsLimit else { return kinds }
        entries.withLock { entries in
            if entries.count == kept { entries.removeFirst() }
            entries.append((key, kinds))
        }
        return kinds
    }
}
