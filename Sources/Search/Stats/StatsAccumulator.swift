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
    /// The names of a chunk that the patterns mean; all names without patterns. Names that no row has are left out of
    /// prefixes only.
    static func names(_ patterns: [FieldPattern], in chunk: Chunk) -> [ByteString] {
        if patterns.isEmpty { return chunk.names }
        var names: [ByteString] = []
        for pattern in patterns {
            if pattern.isPrefix { names += chunk.names.filter(pattern.matches) } else { names.append(pattern.name) }
        }
        return names
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
