import Bytes

/// Records as columns over one arena: what parsers produce and every later stage consumes.
///
/// Row *r* of column *c* is the arena range `columns[c].slices[r]`; a missing field is an empty slice, and the empty
/// value
/// *is* a missing field (LogsQL does not tell them apart). Values are UTF-8.
public struct RecordBatch: Sendable {
    public struct Slice: Sendable, Equatable {
        public var offset: UInt32
        public var length: UInt32

        @inlinable
        public init(offset: UInt32, length: UInt32) {
            self.offset = offset
            self.length = length
        }

        @inlinable public static var missing: Slice { Slice(offset: 0, length: 0) }
        @inlinable public var range: Range<Int> { Int(offset)..<(Int(offset) + Int(length)) }
    }

    public struct Column: Sendable {
        public var name: ByteString
        /// One a row.
        public var slices: [Slice] { didSet { recurrence = .unknown } }
        /// What is known of how often values come again; nothing once the slices change.
        public private(set) var recurrence: Recurrence

        public init(name: ByteString, slices: [Slice], recurrence: Recurrence = .unknown) {
            precondition(recurrence.coding == nil || recurrence.coding!.codes.count == slices.count)
            self.name = name
            self.slices = slices
            self.recurrence = recurrence
        }

        /// Bytes of all values. O(distinct values) where they are known, else O(rows).
        public var valueBytes: Int {
            guard let coding = recurrence.coding else { return slices.reduce(0) { $0 + Int($1.length) } }
            var sum = 0
            for code in coding.values.indices { sum += Int(coding.values[code].length) * Int(coding.counts[code]) }
            return sum
        }
    }

    /// The bytes that slices point into. It may hold bytes that no slice points to.
    public var arena: [UInt8]
    /// Nanoseconds since the epoch, one a row, in arrival order.
    public var times: [Int64]
    /// Distinct names, `_time` not among them; each column has `times.count` slices.
    public var columns: [Column]
    /// The name of the tenant, `0:0` by default.
    public var tenant: Tenant

    public init(arena: [UInt8] = [], times: [Int64] = [], columns: [Column] = [], tenant: Tenant = .main) {
        precondition(columns.allSatisfy { $0.slices.count == times.count })
        self.arena = arena
        self.times = times
        self.columns = columns
        self.tenant = tenant
    }

    @inlinable public var rowCount: Int { times.count }

    /// The position of a column by its name. O(columns).
    public func columnIndex(_ name: ByteString) -> Int? { columns.firstIndex { $0.name == name } }

    /// A value, not copied.
    @inlinable
    @_lifetime(borrow self)
    public func value(row: Int, column: Int) -> RawSpan {
        let slice = columns[column].slices[row]
        return arena.rawSpan.slice(Int(slice.offset), Int(slice.length))
    }
}

extension RecordBatch {
    /// Builds a batch row by row: for tests, generators and small inputs. Parsers fill columns directly.
    public init(rows: [(time: Int64, fields: [(String, String)])], tenant: Tenant = .main) {
        self.init(tenant: tenant)
        var positions: [ByteString: Int] = [:]
        for (time, fields) in rows {
            let row = times.count
            times.append(time)
            for index in columns.indices { columns[index].slices.append(.missing) }
            for (name, value) in fields {
                let key = ByteString(name)
                let position = positions[key] ?? columns.count
                if position == columns.count {
                    positions[key] = position
                    columns.append(Column(name: key, slices: [Slice](repeating: .missing, count: row + 1)))
                }
                let start = arena.count
                arena.append(contentsOf: value.utf8)
                columns[position].slices[row] = Slice(offset: UInt32(start), length: UInt32(arena.count - start))
            }
        }
    }
}

/// A batch read as a block: what queries over files and standard input scan.
public struct BatchBlock: ColumnBlock {
    public let batch: RecordBatch
    public let timeRange: ClosedRange<Int64>
    private let positions: [ByteString: Int]

    /// The batch must have rows.
    public init(_ batch: RecordBatch) {
        precondition(batch.rowCount > 0)
        self.batch = batch
        timeRange = batch.times.min()!...batch.times.max()!
        positions = Dictionary(
            batch.columns.enumerated().map { ($1.name, $0) }, uniquingKeysWith: { first, _ in first })
    }

    public var rowCount: Int { batch.rowCount }
    public var columnNames: [ByteString] { batch.columns.map(\.name) }
    public func times() -> [Int64] { batch.times }

    public func column(_ name: ByteString) -> ColumnVector {
        guard let position = positions[name] else { return .missing }
        var column = StringColumn()
        let slices = batch.columns[position].slices
        column.reserve(rows: slices.count, bytes: slices.reduce(0) { $0 + Int($1.length) })
        for row in slices.indices { column.append(batch.value(row: row, column: position)) }
        return .strings(column)
    }
}
