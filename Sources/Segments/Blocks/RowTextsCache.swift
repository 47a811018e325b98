import Records
import Synchronization

/// Texts of a few rows that were read last for the sake of another column: a lookup reads messages that tell again what
/// fields say, and then these fields, all of the same rows.
enum RowTextsCache {
    private struct Entry {
        var block: BlockIdentity
        var column: Int
        var rows: [Int]
        var texts: StringColumn
    }

    /// Some eight columns for each of two threads that read blocks.
    private static let kept = 16
    /// Texts of more rows, or longer ones, are not kept.
    private static let rowsLimit = 256
    private static let bytesLimit = 16 << 10
    private static let entries = Mutex<(entries: [Entry], next: Int)>(([], 0))

    /// O(1), and O(rows) where they are known.
    static func texts(_ block: BlockIdentity, column: Int, rows: [Int]) -> StringColumn? {
        guard rows.count <= rowsLimit else { return nil }
        return entries.withLock { known in
            known.entries.first { $0.column == column && $0.block == block && $0.rows == rows }?.texts
        }
    }

    static func keep(_ texts: StringColumn, _ block: BlockIdentity, column: Int, rows: [Int]) {
        guard rows.count <= rowsLimit, texts.arena.count <= bytesLimit else { return }
        let entry = Entry(block: block, column: column, rows: rows, texts: texts)
        entries.withLock { known in
            if known.entries.count < kept {
                known.entries.append(entry)
            } else {
                known.entries[known.next] = entry
                known.next = (known.next + 1) % kept
            }
        }
    }
}
