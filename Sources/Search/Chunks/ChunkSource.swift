import Bytes
import Records

/// Where a chunk's columns come from, one at a time and only when asked for.
protocol ChunkSource: AnyObject {
    /// Names of the fields, in the order in which rows show them.
    var names: [ByteString] { get }
    /// The column over all rows of the chunk; `.missing` for an unknown name.
    func column(_ name: ByteString) throws -> Column
    /// Forgets decoded columns, which can be had again by asking.
    func purge()
}

/// The columns of a stored block. Used by one thread at a time.
final class BlockSource: ChunkSource {
    let block: any ColumnBlock
    let shape: RowShape
    let tenant: Tenant
    private var loaded: [ByteString: Column] = [:]
    private var loadedTimes: BlockTimes?
    private var sets: [ByteString: TemplateSet] = [:]
    /// What `isMade` has found.
    private var judged: [ByteString: Bool] = [:]
    private let cache: ColumnCache

    init(_ block: any ColumnBlock, _ executor: QueryExecutor) {
        self.block = block
        shape = executor.shape
        tenant = executor.tenant
        cache = executor.cache
    }

    deinit { tellGrowth() }

    var names: [ByteString] {
        let stored = block.columnNames
        guard shape == .records else { return stored }
        var names: [ByteString] = [StandardFields.time]
        for name in [StandardFields.streamID, StandardFields.stream] where !stored.contains(name) { names.append(name) }
        return names + stored
    }

    func times() throws -> [Int64] { try blockTimes().values }

    func blockTimes() throws -> BlockTimes {
        if let loadedTimes { return loadedTimes }
        let times = try (block as? any NativeBlock).map(cache.times) ?? BlockTimes(try block.times())
        loadedTimes = times
        return times
    }

    /// The field as numbers, if it holds nothing but integers and decimals.
    func numbers(_ name: ByteString) throws -> NumericColumn? {
        if shape == .records, name == StandardFields.time { return nil }
        guard let block = block as? any NativeBlock, try !isMade(name) else { return nil }
        return try cache.numbers(name, of: block)
    }

    /// The most rows that are read from where they stand, without decoding the column around them.
    private static let fewRows = 64

    /// A few rows of a stored field, in their order; nil where the whole column is at hand, or better decoded.
    func gatherInPlace(_ name: ByteString, _ rows: [Int32]) throws -> Column? {
        guard rows.count <= Self.fewRows, rows.count * 64 <= block.rowCount, loaded[name] == nil, sets[name] == nil,
            let native = block as? any NativeBlock
        else { return nil }
        let ascending = Set(rows).sorted().map { Int($0) }
        if shape == .records, name == StandardFields.time {
            guard loadedTimes == nil, !cache.holdsTimes(of: native) else { return nil }
            return .times(Self.spread(try block.times(rows: ascending), of: ascending, over: rows))
        }
        guard block.columnNames.contains(name), try !isMade(name), cache.readsInPlace(name, of: native) else {
            return nil
        }
        let values = Column(try block.column(name, rows: ascending))
        guard ascending.count == rows.count, ascending.elementsEqual(rows.lazy.map { Int($0) }) else {
            return values.gather(Self.spread(ascending.indices.map { Int32($0) }, of: ascending, over: rows))
        }
        return values
    }

    /// Values of ascending rows, brought into the order of `rows`, which may repeat.
    private static func spread<Value>(_ values: [Value], of ascending: [Int], over rows: [Int32]) -> [Value] {
        let places = Dictionary(uniqueKeysWithValues: zip(ascending, values))
        return rows.compactMap { places[Int($0)] }
    }

    /// The field as the block holds it; nil for a field that is made here, be it for some rows alone, and where there
    /// is no native form.
    func native(_ name: ByteString) throws -> NativeColumn? {
        if shape == .records, name == StandardFields.time { return nil }
        if try isMade(name) { return nil }
        return try storedNative(name)
    }

    private func storedNative(_ name: ByteString) throws -> NativeColumn? {
        guard let block = block as? any NativeBlock else { return nil }
        return try cache.column(name, of: block)
    }

    func column(_ name: ByteString) throws -> Column {
        if let column = loaded[name] { return column }
        let column = try load(name)
        loaded[name] = column
        return column
    }

    /// A field as the block holds it, `.missing` if it does not.
    func stored(_ name: ByteString) throws -> Column {
        try storedNative(name).map(Column.init) ?? Column(try block.column(name))
    }

    func isLoaded(_ name: ByteString) -> Bool { loaded[name] != nil }

    private func load(_ name: ByteString) throws -> Column {
        if shape == .records, name == StandardFields.time { return .times(try times()) }
        return try isMade(name) ? try made(name) : try stored(name)
    }

    /// Whether `_stream` or `_stream_id` of some row is made here: the block holds none for it. Judged once.
    func isMade(_ name: ByteString) throws -> Bool {
        guard shape == .records, name == StandardFields.stream || name == StandardFields.streamID else { return false }
        if let known = judged[name] { return known }
        let isMade = try !block.columnNames.contains(name) || stored(name).hasEmptyValue
        judged[name] = isMade
        return isMade
    }

    /// The column as templates; nil if it is held otherwise, or decoded already.
    func templates(_ name: ByteString) throws -> TemplateSet? {
        if loaded[name] != nil { return nil }
        if let set = sets[name] { return set }
        if try isMade(name) { return nil }
        guard let block = block as? any NativeBlock & TemplatedBlock,
            let set = try cache.templates(name, of: block)
        else { return nil }
        sets[name] = set
        return set
    }

    /// Sets read more of their block when they are used: what the cache holds has grown.
    private func tellGrowth() {
        guard let block = block as? any NativeBlock else { return }
        for name in sets.keys { cache.templatesGrew(name, of: block) }
    }

    func purge() {
        loaded = [:]
        loadedTimes = nil
        tellGrowth()
        sets = [:]
    }
}

/// Rows picked out of other chunks, gathered a column at a time.
final class PickedSource: ChunkSource {
    struct Row {
        var chunk: Int32
        var row: Int32
    }

    private let chunks: [Chunk]
    private let rows: [Row]
    let names: [ByteString]
    private var loaded: [ByteString: Column] = [:]
    private var memory: MemoryMeter?
    private var loadedBytes = 0
    private let budget: QueryBudget?

    /// What is gathered is charged to `budget`, where there is one.
    init(_ chunks: [Chunk], rows: [Row], budget: QueryBudget? = nil) {
        self.chunks = chunks
        self.rows = rows
        self.budget = budget
        memory = budget.map { MemoryMeter($0) }
        var seen: Set<ByteString> = []
        var names: [ByteString] = []
        for chunk in chunks {
            for name in chunk.names where seen.insert(name).inserted { names.append(name) }
        }
        self.names = names
    }

    func column(_ name: ByteString) throws -> Column {
        if let column = loaded[name] { return column }
        let column = try gather(name)
        loaded[name] = column
        return column
    }

    private func gather(_ name: ByteString) throws -> Column {
        if chunks.count == 1 { return try chunks[0].gather(name, rows.map(\.row)) }
        if rows.count < 10_000 { return try gatherFew(name) }
        let columns = try chunks.map { chunk in
            try budget?.check()
            return try chunk.column(name)
        }
        defer { for chunk in chunks { chunk.purge() } }
        if columns.allSatisfy(\.isMissing) { return .missing }
        if let times = gatherTimes(columns) { return .times(times) }
        var output = StringColumn()
        var scratch: [UInt8] = []
        output.reserve(rows: rows.count, bytes: rows.count * 8)
        for row in rows {
            scratch.removeAll(keepingCapacity: true)
            columns[Int(row.chunk)].append(Int(row.row), to: &scratch)
            output.append(scratch.rawSpan)
            loadedBytes += scratch.count + 4
            try memory?.set(loadedBytes)
        }
        return .strings(output)
    }

    /// Chunk by chunk, so that of templates only the rows at hand are put together.
    private func gatherFew(_ name: ByteString) throws -> Column {
        var places = [[Int]](repeating: [], count: chunks.count)
        for (place, row) in rows.enumerated() { places[Int(row.chunk)].append(place) }
        var values = [ByteString](repeating: .empty, count: rows.count)
        var times = [Int64](repeating: 0, count: rows.count)
        var isTime = true
        for (chunk, places) in zip(chunks, places) where !places.isEmpty {
            try budget?.check()
            let column = try chunk.gather(name, places.map { rows[$0].row })
            chunk.purge()
            if case .times(let found) = column {
                for (index, place) in places.enumerated() { times[place] = found[index] }
            } else {
                isTime = false
            }
            for (index, place) in places.enumerated() where !isTime { values[place] = column.value(index) }
        }
        if isTime { return .times(times) }
        if values.allSatisfy(\.isEmpty) { return .missing }
        return .strings(StringColumn(values))
    }

    private func gatherTimes(_ columns: [Column]) -> [Int64]? {
        var all: [[Int64]] = []
        for column in columns {
            guard case .times(let times) = column else { return nil }
            all.append(times)
        }
        return rows.map { all[Int($0.chunk)][Int($0.row)] }
    }

    func purge() {
        loaded = [:]
        for chunk in chunks { chunk.purge() }
    }
}
