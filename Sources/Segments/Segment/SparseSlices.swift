import Bytes
import Records

/// A column in which most rows have no value: those that have one, and which they are.
struct SparseSlices {
    /// A bit a row, low bits first.
    let bits: [UInt8]
    /// Where the values of the rows that have one stand in the arena.
    let slices: [RecordBatch.Slice]
    let rowCount: Int

    /// Nil where half of the rows or more have a value. O(rows).
    init?(_ slices: [RecordBatch.Slice]) {
        let presence = PresenceKernels.presence(ofSlices: slices.rawSpan)
        guard presence.present * 2 < slices.count else { return nil }
        bits = presence.bits
        self.slices = PresenceKernels.present(slices)
        rowCount = slices.count
    }

    /// A slice a row. O(rows).
    var spread: [RecordBatch.Slice] {
        var all = [RecordBatch.Slice](repeating: .missing, count: rowCount)
        var next = 0
        for row in 0..<rowCount where bits[row / 8] >> UInt8(row % 8) & 1 == 1 {
            all[row] = slices[next]
            next += 1
        }
        return all
    }
}
