import Bytes
import Records

/// How many columns blocks may have together to be written as one block. Each costs memory and time by itself, and
/// where names hardly recur, more than its few values do.
enum ColumnCrowd {
    /// Columns of blocks that are put together; a block that has more by itself stays by itself.
    static let limit = 1 << 14

    /// The blocks in the order of their times, parted where they would have too many columns together. O(blocks log
    /// blocks), and O(columns of all) if there are many.
    static func parts(of blocks: [any ColumnBlock]) -> [[any ColumnBlock]] {
        let names = blocks.map(\.columnNames)
        guard names.reduce(0, { $0 + $1.count }) > limit else { return [blocks] }
        let order = blocks.indices.sorted {
            (blocks[$0].timeRange.lowerBound, $0) < (blocks[$1].timeRange.lowerBound, $1)
        }
        var parts: [[any ColumnBlock]] = [[]]
        var known: Set<ByteString> = []
        for index in order {
            let new = names[index].reduce(0) { $0 + (known.contains($1) ? 0 : 1) }
            if known.count + new > limit, !known.isEmpty {
                parts.append([])
                known = []
            }
            known.formUnion(names[index])
            parts[parts.count - 1].append(blocks[index])
        }
        return parts
    }
}
