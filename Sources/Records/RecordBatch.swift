import Bytes

/// Records as columns over one arena: what parsers produce and every later stage consumes.
///
/// Row *r* of column *c* is the arena range `columns[c].slice(r)`; a missing field is an empty slice, and the empty
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
        public enum Values: Sendable {
            /// A slice a row.
            case all([Slice])
            /// Of the few rows that have one.
            case few(SparseSlices)
        }

        public var name: ByteString
        public private(set) var values: Values
        /// What is known of how often values come again; nothing once the slices change.
        public private(set) var recurrence: Recurrence

        public init(name: ByteString, slices: [Slice], recurrence: Recurrence = .unknown) {
            precondition(recurrence.coding == nil || recurrence.coding!.codes.count == slices.count)
            self.name = name
            values = .all(slices)
            self.recurrence = recurrence
        }

        /// A column in which most rows have no value, which costs memory for those that have one alone.
        public init(name: ByteString, few: SparseSlices) {
            self.name = name
            values = .few(few)
            recurrence = .unknown
        }

        /// One a row. O(1), O(rows) where few rows have a value.
        public var slices: [Slice] {
            get {
                switch values {
                case .all(let slices): slices
                case .few(let few): few.spread
                }
            }
            _modify {
                var slices = self.slices
                // Held once, so that it is changed in place.
                values = .all([])
                recurrence = .unknown
                defer { values = .all(slices) }
                yield &slices
            }
        }

        public var rowCount: Int {
            switch values {
            case .all(let slices): slices.count
            case .few(let few): few.rowCount
            }
        }

        /// The slice of one row. O(1), O(rows / 64) where few rows have a value.
        public func slice(_ row: Int) -> Slice {
            switch values {
            case .all(let slices): slices[row]
            case .few(let few): few[row]
            }
        }

        /// Bytes that the column holds in memory, about. O(1).
        public var memoryBytes: Int {
            let coded = recurrence.coding.map { $0.codes.count * 4 + $0.values.count * 12 } ?? 0
            switch values {
            case .all(let slices): return slices.count * 8 + coded + Self.ownBytes
            case .few(let few): return few.slices.count * 8 + few.bits.count + Self.ownBytes
            }
        }

        /// Bytes of a column without rows: itself, its name and the heads of its arrays.
        private static let ownBytes = 160

        /// Bytes of all values. O(distinct values) where they are known, else O(rows).
        public var valueBytes: Int {
            if case .few(let few) = values { return few.byteCount }
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
    /// Distinct names, `_time` not among them; each column has `times.count` rows.
    public var columns: [Column]
    /// The name of the tenant, `0:0` by default.
    public var tenant: Tenant

    public init(arena: [UInt8] = [], times: [Int64] = [], columns: [Column] = [], tenant: Tenant = .main) {
        precondition(columns.allSatisfy { $0.rowCount == times.count })
        self.arena = arena
        self.times = times
        self.columns = columns
        self.tenant = tenant
    }

    @inlinable public var rowCount: Int { times.count }

    /// The position of a column by its name. O(columns).
    public func columnIndex(_ name: ByteString) -> Int? { columns.firstIndex { $0.name == name } }

    /// A value, not copied.
    @_lifetime(borrow self)
    public func value(row: Int, column: Int) -> RawSpan {
        let slice = columns[column].slice(row)
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
