import Bytes
import Records

/// Rows on their way through the pipes: a selection over columns that are decoded when somebody asks for them. A chunk
/// belongs to one thread at a time.
final class Chunk {
    private enum Binding {
        /// The source's column of this name.
        case source(ByteString)
        case computed(Column)
    }

    /// All rows, selected or not: the length of every column.
    let rowCount: Int
    /// The rows that have passed every filter so far.
    var rows: Bitmap
    /// The place of the chunk in the order of the scan; ties in sorting and grouping fall to the earlier one.
    var sequence = 0
    private let source: (any ChunkSource)?
    /// Nil: every field of the source under its own name.
    private var bindings: [ByteString: Binding]?
    private var boundNames: [ByteString] = []

    init(_ source: any ChunkSource, rowCount: Int, rows: Bitmap? = nil) {
        self.source = source
        self.rowCount = rowCount
        self.rows = rows ?? Bitmap(count: rowCount, full: true)
    }

    /// Columns of `rowCount` values each. Of two with one name the later counts.
    init(columns: [(name: ByteString, column: Column)], rowCount: Int) {
        source = nil
        self.rowCount = rowCount
        rows = Bitmap(count: rowCount, full: true)
        var bound: [ByteString: Binding] = [:]
        for (name, column) in columns where bound.updateValue(.computed(column), forKey: name) == nil {
            boundNames.append(name)
        }
        bindings = bound
    }

    /// Rows of another query's answer.
    convenience init(_ rows: ResultRows) {
        self.init(columns: zip(rows.names, rows.columns).map { ($0, .strings($1)) }, rowCount: rows.rowCount)
    }

    /// Names of the fields, in the order in which rows show them.
    var names: [ByteString] { bindings == nil ? source?.names ?? [] : boundNames }

    /// The stored block that the chunk still shows, for what only a block knows.
    var blockSource: BlockSource? { source as? BlockSource }

    /// Whether a name still means the source's own field.
    func isStored(_ name: ByteString) -> Bool {
        guard let bindings else { return true }
        if case .source(name)? = bindings[name] { return true }
        return false
    }

    /// What the source calls the field; nil for one that is computed or unknown.
    private func storedName(of name: ByteString) -> ByteString? {
        guard let bindings else { return name }
        if case .source(let stored)? = bindings[name] { return stored }
        return nil
    }

    /// The field over all rows. `.missing` if there is none.
    func column(_ name: ByteString) throws -> Column {
        guard let bindings else { return try source?.column(name) ?? .missing }
        switch bindings[name] {
        case .source(let stored)?: return try source?.column(stored) ?? .missing
        case .computed(let column)?: return column
        case nil: return .missing
        }
    }

    /// Nanoseconds of the `_time` of every row; nil in rows without a time.
    func times() throws -> [Int64]? {
        if let blockSource, isStored(StandardFields.time) { return try blockSource.times() }
        if case .times(let times) = try column(StandardFields.time) { return times }
        return nil
    }

    /// The same where every row said its time: of field sets, some may have none, and only `_time` itself tells.
    func ownTimes() throws -> [Int64]? {
        if blockSource?.shape == .fieldSets, isStored(StandardFields.time) { return nil }
        return try times()
    }

    /// The field as templates, if it is held so and has not been put together yet.
    func templates(_ name: ByteString) throws -> TemplateSet? {
        guard let blockSource else { return nil }
        guard let bindings else { return try blockSource.templates(name) }
        if case .source(let stored)? = bindings[name] { return try blockSource.templates(stored) }
        return nil
    }

    /// The field as its block holds it; nil if it is computed, made up, or held in a way that has no native form.
    func native(_ name: ByteString) throws -> NativeColumn? {
        guard let blockSource else { return nil }
        guard let bindings else { return try blockSource.native(name) }
        if case .source(let stored)? = bindings[name] { return try blockSource.native(stored) }
        return nil
    }

    /// The field as numbers, if its block holds nothing but integers and decimals.
    func numbers(_ name: ByteString) throws -> NumericColumn? {
        guard let blockSource else { return nil }
        guard let bindings else { return try blockSource.numbers(name) }
        if case .source(let stored)? = bindings[name] { return try blockSource.numbers(stored) }
        return nil
    }

    /// The field in the given rows, in their order. Cheaper than the whole column where few rows are asked.
    func gather(_ name: ByteString, _ rows: [Int32]) throws -> Column {
        if rows.count * 4 < rowCount {
            if let stored = storedName(of: name), let found = try blockSource?.gatherInPlace(stored, rows) {
                return found
            }
            if let set = try templates(name) { return .strings(try set.render(rows)) }
            if let native = try native(name) { return native.gather(rows) }
            if isStored(name), let made = try blockSource?.gatherMade(name, rows) { return made }
        }
        return try column(name).gather(rows)
    }

    /// Times of a stored block, in its order.
    func blockTimes() throws -> BlockTimes? {
        guard let blockSource, blockSource.shape == .records, isStored(StandardFields.time) else { return nil }
        return try blockSource.blockTimes()
    }

    /// Sets or replaces a field.
    func set(_ name: ByteString, _ column: Column) {
        bind()
        if bindings?.updateValue(.computed(column), forKey: name) == nil { boundNames.append(name) }
    }

    /// Shows exactly these fields, each as what it was called before. Fields that did not exist are empty.
    func show(_ fields: [(name: ByteString, from: ByteString)]) {
        var next: [ByteString: Binding] = [:]
        var names: [ByteString] = []
        for field in fields {
            let binding: Binding
            if let bindings {
                binding = bindings[field.from] ?? .computed(.missing)
            } else {
                binding = .source(field.from)
            }
            if next.updateValue(binding, forKey: field.name) == nil { names.append(field.name) }
        }
        bindings = next
        boundNames = names
    }

    private func bind() {
        guard bindings == nil else { return }
        let names = source?.names ?? []
        boundNames = names
        bindings = Dictionary(names.map { ($0, .source($0)) }, uniquingKeysWith: { first, _ in first })
    }

    /// The selected rows alone, as a chunk without gaps; itself if there are none.
    func compacted() -> Chunk {
        if rows.isFull { return self }
        let picked = rows.rows
        let source = PickedSource([self], rows: picked.map { PickedSource.Row(chunk: 0, row: $0) })
        let chunk = Chunk(source, rowCount: picked.count)
        chunk.sequence = sequence
        return chunk
    }

    func purge() { source?.purge() }

    /// Bytes that computed columns hold, roughly.
    var memoryBytes: Int {
        var bytes = 64 + rows.words.count * 8
        for case .computed(let column)? in (bindings ?? [:]).values.map(Optional.some) { bytes += column.memoryBytes }
        return bytes
    }
}
