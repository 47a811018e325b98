import Bytes

extension RecordBatch {
    /// A block back as a batch, row for row: for replay and for sealing. O(cells + bytes).
    public init(_ block: some ColumnBlock, tenant: Tenant = .main) throws {
        self.init(times: try block.times(), tenant: tenant)
        for name in block.columnNames {
            columns.append(Column(name: name, slices: appendValues(of: try block.column(name))))
        }
    }

    /// Appends the vector's bytes to the arena, shared values once, and answers where each row's value stands.
    private mutating func appendValues(of vector: ColumnVector) -> [Slice] {
        switch vector {
        case .constant(let value):
            let slice = append(value.bytes.rawSpan)
            return [Slice](repeating: slice, count: rowCount)
        case .dictionary(let codes, let values):
            let slices = (0..<values.count).map { append(values[$0]) }
            return codes.map { slices[Int($0)] }
        case .integers(let numbers):
            return numbers.map { number in
                let offset = UInt32(arena.count)
                DecimalText.append(number, to: &arena)
                return Slice(offset: offset, length: UInt32(arena.count) - offset)
            }
        case .strings(let values):
            return (0..<values.count).map { append(values[$0]) }
        }
    }

    private mutating func append(_ value: RawSpan) -> Slice {
        guard value.byteCount > 0 else { return .missing }
        let offset = UInt32(arena.count)
        arena.append(copying: value)
        return Slice(offset: offset, length: UInt32(value.byteCount))
    }
}
