import Bytes
import Records
import Statistics

/// A batch as the engine adds it up: codes and numbers, one a row and column.
struct BatchCodes {
    var services: [UInt16]
    var isError: [Bool]
    /// Dimension number and a code a row.
    var parts: [(dimension: Int, codes: [UInt16])] = []
    /// Measure number and the natural logarithm of the value a row; not-a-number where there is none.
    var values: [(measure: Int, logs: [Double])] = []
    /// Column positions; −1 for none.
    var message = -1
    var trace = -1
}

extension EngineState {
    /// Rows that are read column by column before the next ones: their part of the arena stays in the second-level
    /// cache.
    private static let rowsAtATime = 256

    /// Reads the columns that matter, each once. O(cells).
    mutating func encode(_ batch: RecordBatch) -> BatchCodes {
        let rows = batch.rowCount
        var codes = BatchCodes(
            services: [UInt16](repeating: 0, count: rows), isError: [Bool](repeating: false, count: rows))
        var service = (column: -1, field: Int.max)
        var partColumns: [(column: Int, field: Int)] = []
        var valueColumns: [Int] = []
        for position in batch.columns.indices {
            guard let number = fieldNumber(batch.columns[position].name), !fields[number].isClosed else { continue }
            switch fields[number].role {
            // The first name in the order of appearance wins where a batch has several.
            case .service: if number < service.field { service = (position, number) }
            case .level, .status, .dimension:
                partColumns.append((position, number))
                codes.parts.append((fields[number].position, [UInt16](repeating: 0, count: rows)))
            case .duration, .amount:
                valueColumns.append(position)
                codes.values.append((fields[number].position, [Double](repeating: .nan, count: rows)))
            case .message: codes.message = position
            case .trace: if codes.trace < 0 { codes.trace = position }
            case .identifier, .template: break
            }
        }
        let serviceCodes = service.column < 0 ? nil : Self.knownCodes(batch, service.column, &services)
        let partCodes = partColumns.map { Self.knownCodes(batch, $0.column, &fields[$0.field].values) }
        var start = 0
        while start < rows {
            let range = start..<min(start + Self.rowsAtATime, rows)
            if service.column >= 0 {
                Self.encode(batch, service.column, range, serviceCodes, with: &services, into: &codes.services)
            }
            for (place, part) in partColumns.enumerated() where !fields[part.field].isClosed {
                encodePart(
                    batch, part, range, partCodes[place], into: &codes.parts[place].codes, errors: &codes.isError)
            }
            for (place, column) in valueColumns.enumerated() {
                let isAmount = fields[measures[codes.values[place].measure - 1]].role == .amount
                Self.logarithms(batch, column, range, above: isAmount ? 0 : -1, into: &codes.values[place].logs)
            }
            start = range.upperBound
        }
        // A field that turned out to have too many values is no dimension.
        codes.parts.removeAll { fields[dimensions[$0.dimension]].isClosed }
        return codes
    }

    /// A table's code for each distinct value of a column whose parser has told them apart; nil for other columns.
    private static func knownCodes(_ batch: RecordBatch, _ column: Int, _ table: inout ValueTable) -> [UInt16]? {
        guard let coding = batch.columns[column].recurrence.coding else { return nil }
        return coding.values.map { value in
            value.length == 0 ? 0 : table.encode(batch.arena.rawSpan.slice(Int(value.offset), Int(value.length)))
        }
    }

    private static func encode(
        _ batch: RecordBatch, _ column: Int, _ rows: Range<Int>, _ known: [UInt16]?, with table: inout ValueTable,
        into codes: inout [UInt16]
    ) {
        if let known, let coding = batch.columns[column].recurrence.coding {
            for row in rows { codes[row] = known[Int(coding.codes[row])] }
            return
        }
        let arena = batch.arena.rawSpan
        if case .few(let few) = batch.columns[column].values {
            return few.visit(in: rows) { row, slice in
                codes[row] = table.encode(batch.arena.rawSpan.slice(Int(slice.offset), Int(slice.length)))
            }
        }
        let slices = batch.columns[column].slices
        for row in rows {
            let slice = slices[row]
            guard slice.length > 0 else { continue }
            codes[row] = table.encode(arena.slice(Int(slice.offset), Int(slice.length)))
        }
    }

    private mutating func encodePart(
        _ batch: RecordBatch, _ part: (column: Int, field: Int), _ rows: Range<Int>, _ known: [UInt16]?,
        into codes: inout [UInt16], errors: inout [Bool]
    ) {
        Self.encode(batch, part.column, rows, known, with: &fields[part.field].values, into: &codes)
        // Where the distinct values are known, they tell whether any row needs a look.
        var overflowed: UInt64 = 0
        if known?.contains(ValueTable.overflow) ?? true {
            for row in rows where codes[row] == ValueTable.overflow {
                codes[row] = 0
                overflowed += 1
            }
        }
        fields[part.field].values.overflowed += overflowed
        counters.unwatchedValues += overflowed
        // A level or status stays useful however many odd values come; another field with so many is none to break
        // down by. Values that were only too long say nothing of the others.
        if overflowed > 0, fields[part.field].values.isFull, fields[part.field].role == .dimension {
            fields[part.field].isClosed = true
        }
        guard fields[part.field].role != .dimension else { return }
        fields[part.field].refreshErrorCodes()
        let flags = fields[part.field].errorCodes
        if let known, !known.contains(where: { $0 != ValueTable.overflow && flags[Int($0)] }) { return }
        for row in rows where flags[Int(codes[row])] { errors[row] = true }
    }

    /// Values up to `bound` are as good as missing: nothing takes no time at all, but many things cost nothing.
    private static func logarithms(
        _ batch: RecordBatch, _ column: Int, _ rows: Range<Int>, above bound: Double, into logs: inout [Double]
    ) {
        func add(_ row: Int, _ slice: RecordBatch.Slice) {
            guard let value = NumberText.double(batch.arena.rawSpan.slice(Int(slice.offset), Int(slice.length))),
                value > bound, value >= 0, value < 1e18
            else { return }
            logs[row] = naturalLogarithm(max(value, 1e-6))
        }
        if case .few(let few) = batch.columns[column].values { return few.visit(in: rows) { add($0, $1) } }
        let slices = batch.columns[column].slices
        for row in rows where slices[row].length > 0 { add(row, slices[row]) }
    }
}
