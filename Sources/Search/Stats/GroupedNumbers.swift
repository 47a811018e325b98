import Bytes

/// The numbers of a chunk with their groups, to be handed on group by group, so that a function works on one group's
/// state at a time.
struct GroupedNumbers {
    private var numbers: [Double]
    private var groups: [UInt32]

    /// Groups beyond this many are not worth a table of their own a chunk.
    static let mostGroups = 4_096

    /// O(rows).
    init(_ column: NumericColumn, rows: Bitmap, perRow: [UInt32]) {
        if case .dense(let all) = column, rows.isFull {
            (numbers, groups) = (all, perRow)
            return
        }
        numbers = []
        groups = []
        let most = rows.setCount
        groups.reserveCapacity(most)
        numbers.reserveCapacity(most)
        column.forEach(rows) { row, number in
            groups.append(perRow[row])
            numbers.append(number)
        }
    }

    /// Takes those out that the table can count. O(numbers).
    mutating func count(in table: inout GroupedBuckets, groupCount: Int) {
        let left = table.count(numbers, groups: groups, groupCount: groupCount)
        groups = left.map { groups[Int($0)] }
        numbers = left.map { numbers[Int($0)] }
    }

    /// Calls `body` with each group that has numbers; every group is below `groupCount`. O(numbers + groups).
    func visit(groupCount: Int, _ body: (_ group: Int, ArraySlice<Double>) -> Void) {
        if numbers.isEmpty { return }
        let (parted, starts) = ColumnScans.parted(numbers, groups: groups, groupCount: groupCount)
        for group in 0..<groupCount where starts[group] < starts[group + 1] {
            body(group, parted[Int(starts[group])..<Int(starts[group + 1])])
        }
    }
}
