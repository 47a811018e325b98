import Bytes

/// The numbers of a chunk, those of one group together, so that a function works on one group's state at a time.
struct GroupedNumbers {
    private let numbers: [Double]
    /// Where the numbers of each group begin, and behind the last where they end.
    private let starts: [UInt32]

    /// Groups beyond this many are not worth a table of their own a chunk.
    static let mostGroups = 4_096

    /// `perRow` is below `groupCount` in selected rows. O(rows + groups).
    init(_ column: NumericColumn, rows: Bitmap, perRow: [UInt32], groupCount: Int) {
        if case .dense(let all) = column, rows.isFull {
            (numbers, starts) = ColumnScans.parted(all, groups: perRow, groupCount: groupCount)
            return
        }
        var groups: [UInt32] = []
        var unordered: [Double] = []
        let most = rows.setCount
        groups.reserveCapacity(most)
        unordered.reserveCapacity(most)
        column.forEach(rows) { row, number in
            groups.append(perRow[row])
            unordered.append(number)
        }
        (numbers, starts) = ColumnScans.parted(unordered, groups: groups, groupCount: groupCount)
    }

    /// Calls `body` with each group that has numbers. O(groups).
    func visit(_ body: (_ group: Int, ArraySlice<Double>) -> Void) {
        for group in 0..<starts.count - 1 where starts[group] < starts[group + 1] {
            body(group, numbers[Int(starts[group])..<Int(starts[group + 1])])
        }
    }
}
