import Bytes

extension QueryPrinter {
    mutating func writeStats(_ name: String, _ stats: StatsPipe) {
        write(name + " ")
        if !stats.groups.isEmpty {
            write("by (")
            writeList(stats.groups) { $0.writeGroup($1) }
            write(") ")
        }
        writeList(stats.columns) { printer, column in
            printer.writeStatsFunction(column.function)
            printer.writeCondition(column.condition)
            printer.write(" as ")
            printer.writeName(column.name)
        }
    }

    private mutating func writeGroup(_ group: StatsGroup) {
        writeName(group.field)
        let shift: NumberLiteral?
        switch group.bucket {
        case nil: return
        case .step(let step, let offset):
            write(":")
            writeLiteral(step.text)
            shift = offset
        case .calendar(let unit, let offset):
            write(":" + unit.rawValue)
            shift = offset
        case .ipv4(let bits, let offset):
            write(":/\(bits)")
            shift = offset
        }
        guard let shift else { return }
        write(" offset ")
        writeLiteral(shift.text)
    }

    mutating func writeStatsFunction(_ function: StatsFunction) {
        switch function {
        case .any(let fields): writeFunction("any", fields)
        case .average(let fields): writeFunction("avg", fields)
        case .count(let fields): writeFunction("count", fields)
        case .countEmpty(let fields): writeFunction("count_empty", fields)
        case .countUnique(let fields, let limit): writeFunction("count_uniq", fields, limit: limit)
        case .countUniqueHash(let fields, let limit): writeFunction("count_uniq_hash", fields, limit: limit)
        case .fieldMaximum(let source, let result): writePair("field_max", source, result)
        case .fieldMinimum(let source, let result): writePair("field_min", source, result)
        case .first(let fields): writeFunction("first", fields)
        case .last(let fields): writeFunction("last", fields)
        case .histogram(let field): writeFunction("histogram", [FieldPattern(field)])
        case .jsonValues(let fields, let sort, let limit):
            writeFunction("json_values", fields, sort: sort, limit: limit)
        case .maximum(let fields): writeFunction("max", fields)
        case .median(let fields): writeFunction("median", fields)
        case .minimum(let fields): writeFunction("min", fields)
        case .quantile(let phi, let fields): writeFunction("quantile", first: phi.text, fields)
        case .rate: write("rate()")
        case .rateSum(let fields): writeFunction("rate_sum", fields)
        case .rowAny(let fields): writeFunction("row_any", fields)
        case .rowMaximum(let field, let fields): writeRow("row_max", field, fields)
        case .rowMinimum(let field, let fields): writeRow("row_min", field, fields)
        case .sum(let fields): writeFunction("sum", fields)
        case .sumLength(let fields): writeFunction("sum_len", fields)
        case .uniqueValues(let fields, let limit): writeFunction("uniq_values", fields, limit: limit)
        case .values(let fields, let limit): writeFunction("values", fields, limit: limit)
        }
    }

    private mutating func writeFunction(
        _ name: String, first: String? = nil, _ fields: [FieldPattern], sort: [SortKey] = [], limit: UInt64 = 0
    ) {
        write(name + "(")
        if let first {
            write(first)
            if !fields.isEmpty { write(", ") }
        }
        if fields.isEmpty, first == nil { write("*") } else { writePatterns(fields) }
        write(")")
        if !sort.isEmpty {
            write(" sort by (")
            writeKeys(sort)
            write(")")
        }
        if limit > 0 { write(" limit \(limit)") }
    }

    private mutating func writePair(_ name: String, _ source: ByteString, _ result: ByteString) {
        write(name + "(")
        writeNames([source, result])
        write(")")
    }

    private mutating func writeRow(_ name: String, _ field: ByteString, _ fields: [FieldPattern]) {
        writeFunction(name, [FieldPattern(field)] + fields)
    }
}
