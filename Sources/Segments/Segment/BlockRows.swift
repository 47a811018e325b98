import Bytes
import Records

/// The rows of one block that is to be written: times and columns, values in one arena.
struct BlockRows {
    struct Column {
        var name: ByteString
        var values: Values
        /// Whether whoever made the rows knows that a dictionary would not pay.
        var isRarelyRecurring = false
        /// Whether a block that the rows come from is looked up by them: then this one must be, too.
        var isIdentifier = false

        /// Whether the rows are to be found by the values, as far as name and values say. O(1), of columns with few
        /// values O(rows).
        func looksLikeIdentifiers(_ arena: RawSpan) -> Bool {
            isIdentifier || IdentifierField.isNamedLikeOne(name) || values.areIdentifiers(of: name, arena)
        }
    }

    enum Values {
        /// Where each row's value stands in the arena.
        case slices([RecordBatch.Slice])
        /// The same of the few rows that have one.
        case sparse(SparseSlices)
        /// Distinct values, known beforehand, and a code a row.
        case coded(DictionaryBuilder)

        /// Numbers or binary digits, which take no room in the arena.
        case typed(TypedColumn)

        /// Texts taken apart.
        case parts(TextParts)

        /// Whether they are texts taken apart.
        var areParts: Bool {
            if case .parts = self { return true }
            return false
        }

        var rowCount: Int {
            switch self {
            case .slices(let slices): slices.count
            case .sparse(let sparse): sparse.rowCount
            case .coded(let coded): coded.codes.count
            case .typed(let typed): typed.rowCount
            case .parts(let parts): parts.rowCount
            }
        }

        /// Bytes of all values. O(rows), or O(distinct values).
        var byteCount: Int {
            switch self {
            case .slices(let slices): slices.reduce(0) { $0 + Int($1.length) }
            case .sparse(let sparse): sparse.byteCount
            case .coded(let coded): coded.byteCount
            case .typed(let column): column.values.textBytes
            case .parts(let parts): parts.byteCount
            }
        }

        /// The same without what rows that have no value cost. O(rows).
        func thinned() -> Values {
            switch self {
            case .slices(let slices): SparseSlices(slices).map(Values.sparse) ?? self
            case .coded(let coded): SparseSlices(coded.slices).map(Values.sparse) ?? self
            case .sparse, .typed, .parts: self
            }
        }

        /// Whether the values look like identifiers of a field of that name (see `IdentifierShape`). O(1), of columns
        /// with few values O(rows).
        func areIdentifiers(of name: ByteString, _ arena: RawSpan) -> Bool {
            let takesNumbers = IdentifierField.endsInID(name)
            switch self {
            case .slices(let slices):
                return IdentifierShape.areIdentifiers(slices, arena, takesNumbers: takesNumbers)
            case .sparse(let sparse):
                return IdentifierShape.areIdentifiers(sparse.slices, arena, takesNumbers: takesNumbers)
            case .coded(let coded):
                return IdentifierShape.areIdentifiers(coded.values, arena, takesNumbers: takesNumbers)
            case .typed(let typed):
                // Hex is known by its type.
                guard takesNumbers, case .numbers(let numbers, _, 0) = typed.values else { return false }
                return IdentifierShape.areLongNumbers(numbers)
            // Messages are no identifiers.
            case .parts: return false
            }
        }
    }

    /// Rows times columns above which a row without a value must not cost memory in every column.
    private static let manyCells = 4 << 20

    static func isWide(columns: Int, rows: Int) -> Bool { columns * rows > manyCells }

    var isWide: Bool { Self.isWide(columns: columns.count, rows: times.count) }

    var times: [Int64]
    var columns: [Column] = []
    var arena: [UInt8] = []

    init(times: [Int64]) { self.times = times }

    /// The same rows with all values as texts. O(rows + bytes).
    func asTexts() -> BlockRows {
        var rows = self
        for (position, column) in columns.enumerated() {
            switch column.values {
            case .typed(let typed): rows.columns[position].values = .slices(typed.slices(in: &rows.arena))
            case .parts(let parts): rows.columns[position].values = .slices(parts.slices(in: &rows.arena))
            case .sparse(let sparse): rows.columns[position].values = .slices(sparse.spread)
            case .slices, .coded: continue
            }
        }
        return rows
    }

    /// A batch's rows, in the order given or as they stand.
    init(_ batch: RecordBatch, order: [UInt32]?) {
        times = order.map { CodeKernels.take(batch.times, $0) } ?? batch.times
        columns = batch.columns.map { column in
            let name = column.name
            if let order { return Column(name: name, values: .slices(CodeKernels.take(column.slices, order))) }
            if case .few(let few) = column.values { return Column(name: name, values: .sparse(few)) }
            guard let coding = column.recurrence.coding else {
                let isRare = column.recurrence.isRare
                return Column(name: name, values: .slices(column.slices), isRarelyRecurring: isRare)
            }
            let coded = DictionaryBuilder(values: coding.values, codes: coding.codes, counts: coding.counts)
            return Column(name: name, values: .coded(coded))
        }
        arena = batch.arena
    }
}
