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
    /// Reads the columns that matter, each once. O(cells).
    mutating func encode(_ batch: RecordBatch) -> BatchCodes {
        let rows = batch.rowCount
        var codes = BatchCodes(
            services: [UInt16](repeating: 0, count: rows), isError: [Bool](repeating: false, count: rows))
        var serviceRank = Int.max
        for position in batch.columns.indices {
            guard let number = fieldNumber(batch.columns[position].name), !fields[number].isClosed else { continue }
            switch fields[number].role {
            case .service:
                // The first name in the order of appearance wins where a batch has several.
                if number < serviceRank {
                    serviceRank = number
                    encodeServices(batch, column: position, into: &codes.services)
                }
            case .level, .status, .dimension: encodePart(batch, column: position, field: number, into: &codes)
            case .duration:
                let logs = logarithms(batch, column: position)
                codes.values.append((fields[number].position, logs))
            case .message: codes.message = position
            case .trace: if codes.trace < 0 { codes.trace = position }
            case .identifier: break
            }
        }
        return codes
    }

    private mutating func encodeServices(_ batch: RecordBatch, column: Int, into codes: inout [UInt16]) {
        let slices = batch.columns[column].slices
        let arena = batch.arena.rawSpan
        for row in slices.indices where slices[row].length > 0 {
            codes[row] = services.encode(arena.slice(Int(slices[row].offset), Int(slices[row].length)))
        }
    }

    private mutating func encodePart(_ batch: RecordBatch, column: Int, field number: Int, into codes: inout BatchCodes)
    {
        let slices = batch.columns[column].slices
        let arena = batch.arena.rawSpan
        var column = [UInt16](repeating: 0, count: slices.count)
        var table = fields[number].values
        var last = RecordBatch.Slice.missing
        var lastCode: UInt16 = 0
        var overflowed = 0
        for row in slices.indices where slices[row].length > 0 {
            let slice = slices[row]
            if slice != last {
                lastCode = table.encode(arena.slice(Int(slice.offset), Int(slice.length)))
                last = slice
            }
            if lastCode == ValueTable.overflow { overflowed += 1 } else { column[row] = lastCode }
        }
        table.overflowed += UInt64(overflowed)
        fields[number].values = table
        fields[number].refreshErrorCodes()
        let flags = fields[number].errorCodes
        if fields[number].role != .dimension {
            for row in column.indices where flags[Int(column[row])] { codes.isError[row] = true }
        }
        counters.unwatched += UInt64(overflowed)
        // A level or status stays useful however many odd values come; another field with so many is none to break down
        // by.
        if overflowed > 0 && fields[number].role == .dimension { fields[number].isClosed = true }
        if !fields[number].isClosed { codes.parts.append((fields[number].position, column)) }
    }

    private func logarithms(_ batch: RecordBatch, column: Int) -> [Double] {
        let slices = batch.columns[column].slices
        let arena = batch.arena.rawSpan
        var logs = [Double](repeating: .nan, count: slices.count)
        for row in slices.indices where slices[row].length > 0 {
            guard let value = NumberText.double(arena.slice(Int(slices[row].offset), Int(slices[row].length))),
                value >= 0, value < 1e18
            else { continue }
            logs[row] = naturalLogarithm(max(value, 1e-6))
        }
        return logs
    }
}
