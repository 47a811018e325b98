extension RecordBatch {
    /// What whoever made a batch found out on the way about how often a column's values come again, so that nobody has
    /// to hash its rows a second time.
    public enum Recurrence: Sendable {
        case unknown
        /// Too seldom for a dictionary to pay.
        case rare
        case coded(ColumnCoding)

        public var coding: ColumnCoding? { if case .coded(let coding) = self { coding } else { nil } }
        public var isRare: Bool { if case .rare = self { true } else { false } }
    }

    /// A column whose values recur: each distinct value once, and every row's code.
    public struct ColumnCoding: Sendable {
        /// One a row, each below `values.count`.
        public let codes: [UInt32]
        /// The distinct values; the missing value is one of them, and the first, where a row has none.
        public let values: [Slice]
        /// How many rows have each value; none is 0.
        public let counts: [UInt32]

        public init(codes: [UInt32], values: [Slice], counts: [UInt32]) {
            precondition(values.count == counts.count)
            self.codes = codes
            self.values = values
            self.counts = counts
        }

        /// Rows without a value.
        public var missing: Int { values.first?.length == 0 ? Int(counts[0]) : 0 }
    }
}
