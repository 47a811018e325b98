import Bytes
import QueryLanguage
import Records

/// One function of a `stats` pipe over all groups of one thread. State is arrays with an element a group.
protocol StatsAccumulator: AnyObject {
    /// Makes room for this many groups.
    func grow(to groups: Int)
    /// Counts the rows in. Groups in `groups` are below the last `grow`.
    func add(_ chunk: Chunk, rows: Bitmap, groups: GroupNumbers) throws
    /// Takes over another's groups; `map` gives the number here of each number there.
    func merge(_ other: any StatsAccumulator, map: [Int])
    /// The result of a group as text.
    func appendResult(of group: Int, to output: inout [UInt8])
    /// Bytes held, roughly.
    var memoryBytes: Int { get }
}

extension GroupNumbers {
    /// Calls `body` with each selected row and its group.
    @inline(__always)
    func forEach(_ rows: Bitmap, _ body: (_ row: Int, _ group: Int) throws -> Void) rethrows {
        if let perRow {
            try rows.visit { try body($0, Int(perRow[$0])) }
        } else {
            try rows.visit { try body($0, single) }
        }
    }

    @inline(__always)
    func group(_ row: Int) -> Int { perRow.map { Int($0[row]) } ?? single }
}

/// Which fields of a chunk a function looks at.
enum StatsFields {
    /// The names of a chunk that the patterns mean, in its order; all names without patterns. Whole names that no row
    /// has follow.
    static func names(_ patterns: [FieldPattern], in chunk: Chunk) -> [ByteString] {
        if patterns.isEmpty { return chunk.names }
        if patterns.count == 1, !patterns[0].isPrefix { return [patterns[0].name] }
        var names = chunk.names.filter { name in patterns.contains { $0.matches(name) } }
        for pattern in patterns where !pattern.isPrefix && !names.contains(pattern.name) { names.append(pattern.name) }
        return names
    }

    /// Whether a field is asked for by its whole name, so that rows without it count as empty values.
    static func isNamed(_ name: ByteString, by patterns: [FieldPattern]) -> Bool {
        patterns.contains { !$0.isPrefix && $0.name == name }
    }

    /// The selected rows in stretches of neighbours that have the same fields.
    static func runs(of chunk: Chunk, rows: Bitmap) throws -> [[Int]] {
        let present = try chunk.names.map { name in
            var present = rows
            try FieldFilter(field: name, matcher: PresentMatcher()).narrow(&present, of: chunk)
            return present
        }
        var runs: [[Int]] = []
        rows.visit { row in
            if let last = runs.last?.last, present.allSatisfy({ $0.contains(last) == $0.contains(row) }) {
                runs[runs.count - 1].append(row)
            } else {
                runs.append([row])
            }
        }
        return runs
    }

    /// The rows in which at least one of the fields is not empty.
    static func present(_ patterns: [FieldPattern], in chunk: Chunk, rows: Bitmap) throws -> Bitmap {
        var found = Bitmap(count: rows.count)
        var left = rows
        for name in names(patterns, in: chunk) {
            if left.isEmpty { break }
            var here = left
            try FieldFilter(field: name, matcher: PresentMatcher()).narrow(&here, of: chunk)
            found.formUnion(here)
            left.subtract(here)
        }
        return found
    }
}
