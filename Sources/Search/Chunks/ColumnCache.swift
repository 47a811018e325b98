import Bytes
import Records
import Synchronization

/// Decoded columns of stored blocks, kept for the next query, within a bound: when it is full, those go first that were
/// not asked for since the last round.
public final class ColumnCache: Sendable {
    /// What is kept under a name.
    enum Item: Sendable {
        /// Nil: the column has no native form.
        case column(NativeColumn?)
        case times(BlockTimes)
        /// Nil: the column does not hold numbers alone.
        case numbers(NumericColumn?)
        /// Nil: the column is not held as templates.
        case templates(TemplateSet?)

        var memoryBytes: Int {
            switch self {
            case .column(let column): column?.memoryBytes ?? 64
            case .times(let times): times.values.count * 8
            case .numbers(let numbers): numbers?.memoryBytes ?? 64
            case .templates(let set): set?.memoryBytes ?? 64
            }
        }
    }

    private enum Kind: UInt8 { case column, times, numbers, templates }

    private struct Key: Hashable {
        var block: BlockIdentity
        var kind: Kind
        var name: ByteString

        func of(_ kind: Kind) -> Key { Key(block: block, kind: kind, name: name) }
    }

    private struct Entry {
        var item: Item
        var bytes: Int
        var wasAsked: Bool
    }

    private struct State {
        var entries: [Key: Entry] = [:]
        /// In the order of their arrival; the hand of the clock moves over them.
        var order: [Key] = []
        var hand = 0
        var bytes = 0
        /// How often few rows of a column that is not kept were wanted, by the key's hash; halved now and then.
        var wishes = [UInt8](repeating: 0, count: ColumnCache.wishCounters)
        var wishesSinceHalving = 0
    }

    private static let entryBytes = 192
    private static let wishCounters = 8192
    /// Few rows are read from where they stand so many times before the whole column is decoded and kept.
    private static let wishesToKeep: UInt8 = 4
    private let limitBytes: Int
    private let state = Mutex(State())
    /// Numbers for shapes of templates, which recur from block to block.
    let shapes = TemplateShapes()

    /// `limitBytes`: what all columns together may take.
    public init(limitBytes: Int) { self.limitBytes = limitBytes }

    /// What the columns take now.
    public var usedBytes: Int { state.withLock { $0.bytes } }

    /// Whether a few rows of a column are better read from where they stand: it is not kept, and has not been wanted
    /// often of late. Counts as a wish. O(1).
    func readsInPlace(_ name: ByteString, of block: any NativeBlock) -> Bool {
        let key = Key(block: block.identity, kind: .column, name: name)
        return state.withLock { state in
            guard state.entries[key] == nil, state.entries[key.of(.templates)] == nil else { return false }
            let place = Int(truncatingIfNeeded: UInt(bitPattern: key.hashValue)) & (Self.wishCounters - 1)
            guard state.wishes[place] < Self.wishesToKeep else { return false }
            state.wishes[place] += 1
            state.wishesSinceHalving += 1
            if state.wishesSinceHalving == Self.wishCounters {
                state.wishesSinceHalving = 0
                for place in state.wishes.indices { state.wishes[place] /= 2 }
            }
            return true
        }
    }

    /// Whether the times of a block are kept. O(1).
    func holdsTimes(of block: any NativeBlock) -> Bool {
        let key = Key(block: block.identity, kind: .times, name: .empty)
        return state.withLock { $0.entries[key] != nil }
    }

    func column(_ name: ByteString, of block: any NativeBlock) throws -> NativeColumn? {
        let item = try item(Key(block: block.identity, kind: .column, name: name)) {
            .column(try block.nativeColumn(name))
        }
        if case .column(let column) = item { return column }
        return nil
    }

    func times(of block: any NativeBlock) throws -> BlockTimes {
        let item = try item(Key(block: block.identity, kind: .times, name: .empty)) {
            .times(BlockTimes(try block.times()))
        }
        if case .times(let times) = item { return times }
        return BlockTimes(try block.times())
    }

    /// A column of integers and decimals as numbers; nil for any other. What is as quick to make anew is not kept.
    func numbers(_ name: ByteString, of block: any NativeBlock) throws -> NumericColumn? {
        let native = try column(name, of: block)
        guard case .plain(.decimals, _)? = native else { return native.flatMap(NumericColumn.plainNumbers) }
        let found = item(Key(block: block.identity, kind: .numbers, name: name)) {
            .numbers(native.flatMap(NumericColumn.plainNumbers))
        }
        if case .numbers(let numbers) = found { return numbers }
        return nil
    }

    func templates(_ name: ByteString, of block: any NativeBlock & TemplatedBlock) throws -> TemplateSet? {
        let key = Key(block: block.identity, kind: .templates, name: name)
        let item = try item(key) {
            .templates(try block.templatedTexts(name).map { TemplateSet($0, shapes) })
        }
        if case .templates(let set) = item { return set }
        return nil
    }

    /// A template set has read more of its block.
    func templatesGrew(_ name: ByteString, of block: any NativeBlock) {
        let key = Key(block: block.identity, kind: .templates, name: name)
        state.withLock { state in
            guard let entry = state.entries[key] else { return }
            let bytes = entry.item.memoryBytes + Self.entryBytes
            state.bytes += bytes - entry.bytes
            state.entries[key]?.bytes = bytes
            makeRoom(&state)
        }
    }

    private func item(_ key: Key, make: () throws -> Item) rethrows -> Item {
        let known = state.withLock { state -> Item? in
            guard let index = state.entries.index(forKey: key) else { return nil }
            state.entries.values[index].wasAsked = true
            return state.entries.values[index].item
        }
        if let known { return known }
        let item = try make()
        let bytes = item.memoryBytes + Self.entryBytes
        // What is larger than a sizeable part of the whole would only push others out.
        guard bytes * 8 <= limitBytes else { return item }
        state.withLock { state in
            // Two threads may have decoded the same.
            guard state.entries[key] == nil else { return }
            state.entries[key] = Entry(item: item, bytes: bytes, wasAsked: false)
            state.order.append(key)
            state.bytes += bytes
            makeRoom(&state)
        }
        return item
    }

    /// The clock: an entry that was asked for since the hand passed it stays for another round.
    private func makeRoom(_ state: inout State) {
        while state.bytes > limitBytes, !state.order.isEmpty {
            if state.hand >= state.order.count { state.hand = 0 }
            let key = state.order[state.hand]
            if state.entries[key]?.wasAsked == true {
                state.entries[key]?.wasAsked = false
                state.hand += 1
                continue
            }
            if let entry = state.entries.removeValue(forKey: key) { state.bytes -= entry.bytes }
            state.order[state.hand] = state.order[state.order.count - 1]
            state.order.removeLast()
        }
    }
}

/// The times of a block.
struct BlockTimes: Sendable {
    let values: [Int64]
    let isAscending: Bool

    init(_ values: [Int64]) {
        self.values = values
        var isAscending = true
        for row in 1..<max(values.count, 1) where values[row] < values[row - 1] { isAscending = false }
        self.isAscending = isAscending
    }

    /// The first row at or behind `start` whose time is `limit` or later, where times ascend. O(log rows).
    func firstRow(from start: Int, notBefore limit: Int64) -> Int {
        var low = start
        var high = values.count
        while low < high {
            let middle = (low + high) / 2
            if values[middle] < limit { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
