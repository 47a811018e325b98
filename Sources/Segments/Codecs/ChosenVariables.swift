import Records

/// Some variables of each skeleton, their values one column behind the other, so that a walk over the rows follows no
/// references.
struct ChosenVariables {
    private var values: [RecordBatch.Slice] = []
    /// By choice: where the value of the next row stands.
    private var next: [Int] = []
    /// By skeleton: its first choice; then how many choices there are.
    private var firsts: [Int] = [0]

    /// `chosen` are positions of variables by skeleton. Choices are numbered in this order. O(values chosen).
    init(_ split: TemplateSplit, _ chosen: [[Int]]) {
        for (skeleton, positions) in zip(split.skeletons, chosen) {
            for position in positions {
                next.append(values.count)
                values += skeleton.columns[position]
            }
            firsts.append(next.count)
        }
    }

    /// How many values there are.
    var count: Int { values.count }

    /// Hands over row, choice and value, in the order of the rows and, within a row, of its skeleton's choices. `codes`
    /// are those of the split. O(rows + values chosen).
    @inline(__always)
    consuming func forEach(_ codes: [UInt32], _ body: (Int, Int, RecordBatch.Slice) -> Void) {
        var next = next
        for row in codes.indices where codes[row] > 0 {
            let skeleton = Int(codes[row]) - 1
            for choice in firsts[skeleton]..<firsts[skeleton + 1] {
                body(row, choice, values[next[choice]])
                next[choice] += 1
            }
        }
    }
}
