/// The numbers of a chunk, those of one group together, so that a function works on one group's state at a time.
struct GroupedNumbers {
    private var numbers: [Double] = []
    /// Where the numbers of each group begin, and behind the last where they end.
    private var starts: [Int32] = []

    /// Groups beyond this many are not worth a table of their own a chunk.
    static let mostGroups = 4_096

    /// `perRow` is below `groupCount` in selected rows. O(rows + groups).
    init(_ column: NumericColumn, rows: Bitmap, perRow: [UInt32], groupCount: Int) {
        var groups: [UInt32] = []
        var unordered: [Double] = []
        let most = rows.setCount
        groups.reserveCapacity(most)
        unordered.reserveCapacity(most)
        starts = [Int32](repeating: 0, count: groupCount + 1)
        column.forEach(rows) { row, number in
            let group = perRow[row]
            groups.append(group)
            unordered.append(number)
            starts[Int(group) + 1] += 1
        }
        for group in 0..<groupCount { starts[group + 1] += starts[group] }
        var next = starts
        numbers = [Double](repeating: 0, count: unordered.count)
        for index in unordered.indices {
            let group = Int(groups[index])
            numbers[Int(next[group])] = unordered[index]
            next[group] &+= 1
        }
    }

    /// Calls `body` with each group that has numbers. O(groups).
    func visit(_ body: (_ group: Int, ArraySlice<Double>) -> Void) {
        for group in 0..<starts.count - 1 where starts[group] < starts[group + 1] {
            body(group, numbers[Int(starts[group])..<Int(starts[group + 1])])
        }
    }
}
