import Bytes
import Records

/// A filter made ready to run: subqueries answered, expressions compiled, literals parsed.
protocol RowFilter: Sendable {
    /// Keeps those of `rows` that match.
    func narrow(_ rows: inout Bitmap, of chunk: Chunk) throws
    /// False only if the block's header says that no row can match.
    func mayMatch(_ block: any ColumnBlock) -> Bool
}

extension RowFilter {
    func mayMatch(_ block: any ColumnBlock) -> Bool { true }
}

struct EveryRow: RowFilter {
    func narrow(_ rows: inout Bitmap, of chunk: Chunk) {}
}

struct NoRow: RowFilter {
    func narrow(_ rows: inout Bitmap, of chunk: Chunk) { rows = Bitmap(count: rows.count) }
    func mayMatch(_ block: any ColumnBlock) -> Bool { false }
}

struct AllOf: RowFilter {
    let parts: [any RowFilter]

    func narrow(_ rows: inout Bitmap, of chunk: Chunk) throws {
        for part in parts {
            try part.narrow(&rows, of: chunk)
            if rows.isEmpty { return }
        }
    }

    func mayMatch(_ block: any ColumnBlock) -> Bool { parts.allSatisfy { $0.mayMatch(block) } }
}

struct AnyOf: RowFilter {
    let parts: [any RowFilter]

    func narrow(_ rows: inout Bitmap, of chunk: Chunk) throws {
        var found = Bitmap(count: rows.count)
        var left = rows
        for part in parts {
            var matching = left
            try part.narrow(&matching, of: chunk)
            found.formUnion(matching)
            left.subtract(matching)
            if left.isEmpty { break }
        }
        rows = found
    }

    func mayMatch(_ block: any ColumnBlock) -> Bool { parts.contains { $0.mayMatch(block) } }
}

struct Negation: RowFilter {
    let part: any RowFilter

    func narrow(_ rows: inout Bitmap, of chunk: Chunk) throws {
        var matching = rows
        try part.narrow(&matching, of: chunk)
        rows.subtract(matching)
    }
}
