import Bytes

/// Rows that were made but not handed out yet, because an earlier one may still come: requests overlap, and their rows
/// are handed out in order of delivery.
struct RowQueue {
    private struct Entry {
        /// When the row is delivered, nanoseconds since the epoch.
        var delivery: Int64
        var offset: Int
        var length: Int
    }

    /// The rows' bytes; the engine appends here, then calls `add`.
    var arena: [UInt8] = []
    private var entries: [Entry] = []
    private var next = 0
    private var ready = 0
    private var spare: [UInt8] = []

    var count: Int { entries.count - next }

    /// The bytes of `arena` from `offset` on are a row.
    @inline(__always)
    mutating func add(from offset: Int, delivery: Int64) {
        entries.append(Entry(delivery: delivery, offset: offset, length: arena.count - offset))
    }

    /// Orders what is held; rows delivered before `bound` may be taken. O(n log n).
    mutating func order(before bound: Int64) {
        // Rows of the same instant stay as they were made, so that a seed fixes the order whatever the sort does.
        entries.sort { ($0.delivery, $0.offset) < ($1.delivery, $1.offset) }
        var low = 0
        var high = entries.count
        while low < high {
            let middle = (low + high) / 2
            if entries[middle].delivery < bound { low = middle + 1 } else { high = middle }
        }
        ready = low
    }

    /// Appends ready rows to `buffer` until the next one would make it grow by more than `budget` bytes, and takes
    /// what was used from `budget` and `rows`. One row is always taken if `isFirst`. Returns whether ready rows are
    /// left.
    mutating func take(into buffer: inout [UInt8], budget: inout Int, rows: inout Int, isFirst: inout Bool) -> Bool {
        while next < ready && rows > 0 {
            let entry = entries[next]
            guard entry.length <= budget || isFirst else { return true }
            buffer.append(copying: arena.rawSpan.slice(entry.offset, entry.length))
            budget -= entry.length
            rows -= 1
            isFirst = false
            next += 1
        }
        return false
    }

    /// Frees what was taken. O(rows held).
    mutating func compact() {
        var kept: [UInt8] = []
        swap(&kept, &spare)
        kept.removeAll(keepingCapacity: true)
        for index in next..<entries.count {
            let entry = entries[index]
            entries[index].offset = kept.count
            kept.append(copying: arena.rawSpan.slice(entry.offset, entry.length))
        }
        entries.removeFirst(next)
        spare = arena
        arena = kept
        next = 0
        ready = 0
    }
}
