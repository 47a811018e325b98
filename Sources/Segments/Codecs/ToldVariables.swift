import Bytes
import Records

/// The other columns of a block's rows, while texts are encoded: messages say again what fields say, `user 7 paid`
/// beside `user_id` 7, and a variable that does so in every row of its template need not be kept.
final class ToldVariables {
    private struct Other {
        var position: Int
        var values: BlockRows.Values
        /// Where each row's value stands among those that there are, `FixedKernels.none` for none; nil where all rows
        /// have one.
        var places: [UInt32]?
    }

    /// Templates of fewer rows are not looked at.
    private static let fewestRows = 16
    /// Rows of a template that are looked at first, and distinct values that a variable must have there: others cost
    /// little, and reading a second column for them would cost more.
    private static let sampleRows = 24
    private static let fewestDistinct = 8

    private let others: [Other]
    private let arena: [UInt8]
    /// Positions of the columns that variables were found to repeat.
    private(set) var used: Set<Int> = []

    /// `drafts` with their positions in the block; those that hold texts of templates cannot be told again. O(rows of
    /// columns with missing values).
    init(_ drafts: [(position: Int, draft: ColumnDraft)], _ arena: [UInt8]) {
        self.arena = arena
        others = drafts.compactMap { position, draft in
            let statistics = draft.statistics
            guard ![.constant, .templates, .same].contains(statistics.encoding),
                statistics.distinct == 0 || statistics.distinct >= Self.fewestDistinct
            else { return nil }
            var places: [UInt32]?
            switch draft.source {
            case .typed(let typed) where typed.missing > 0:
                places = PresenceKernels.places(typed.bits, rows: typed.rowCount)
            case .sparse(let sparse): places = PresenceKernels.places(sparse.bits, rows: sparse.rowCount)
            case .parts: return nil
            default: break
            }
            return Other(position: position, values: draft.source, places: places)
        }
    }

    /// By skeleton and variable: the position of the column that says the same in all rows of the skeleton, or -1.
    /// `rows` are those of each skeleton. O(variables × columns + rows of what is found).
    func find(_ split: TemplateSplit, rows: [[UInt32]], _ texts: RawSpan) -> [[Int]] {
        split.skeletons.enumerated().map { number, skeleton in
            guard skeleton.rowCount >= Self.fewestRows else { return skeleton.columns.map { _ in -1 } }
            return skeleton.columns.map { values in
                guard let other = others.first(where: { says($0, values, rows[number], texts) }) else { return -1 }
                used.insert(other.position)
                return other.position
            }
        }
    }

    private func says(
        _ other: Other, _ values: [RecordBatch.Slice], _ rows: [UInt32], _ texts: RawSpan
    ) -> Bool {
        guard says(other, texts.slice(Int(values[0].offset), Int(values[0].length)), Int(rows[0])) else { return false }
        let step = max(1, rows.count / Self.sampleRows)
        var distinct = Set<UInt64>()
        for place in stride(from: 0, to: rows.count, by: step) {
            let value = texts.slice(Int(values[place].offset), Int(values[place].length))
            guard says(other, value, Int(rows[place])) else { return false }
            distinct.insert(hash64(value))
        }
        guard distinct.count >= Self.fewestDistinct else { return false }
        for place in rows.indices {
            let value = texts.slice(Int(values[place].offset), Int(values[place].length))
            guard says(other, value, Int(rows[place])) else { return false }
        }
        return true
    }

    /// Whether a column has a value in a row.
    private func says(_ other: Other, _ value: RawSpan, _ row: Int) -> Bool {
        var place = row
        if let places = other.places {
            guard places[row] != FixedKernels.none else { return false }
            place = Int(places[row])
        }
        switch other.values {
        case .slices(let slices): return isEqual(slices[place], value)
        case .sparse(let sparse): return isEqual(sparse.slices[place], value)
        case .coded(let coded): return isEqual(coded.values[Int(coded.codes[place])], value)
        case .typed(let typed): return isEqual(typed.values, place, value)
        case .parts: return false
        }
    }

    private func isEqual(_ slice: RecordBatch.Slice, _ value: RawSpan) -> Bool {
        guard Int(slice.length) == value.byteCount else { return false }
        let arena = arena
        return arena.rawSpan.slice(Int(slice.offset), Int(slice.length)).equals(value)
    }

    private func isEqual(_ values: TypedValues, _ place: Int, _ value: RawSpan) -> Bool {
        switch values {
        case .numbers(let numbers, 0, 0): return DecimalText.canonicalInteger(value) == numbers[place]
        case .numbers(let numbers, let fewest, let most):
            var text: [UInt8] = []
            DecimalText.append(scaled: numbers[place], fewest: fewest, most: most, to: &text)
            return text.rawSpan.equals(value)
        case .hex(let hex):
            guard value.byteCount == hex.digits + (hex.hasDashes ? 4 : 0) else { return false }
            let text = values.taking([UInt32(place)]).texts
            return text[0].equals(value)
        }
    }
}
