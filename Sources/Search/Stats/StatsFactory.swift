import Bytes
import QueryLanguage
import Records

/// Functions of `stats` as accumulators.
enum StatsFactory {
    /// - Parameters:
    ///   - seconds: length of the query's time range, for rates; 0 where it has none.
    ///   - sole: the query's budget, if all rows are one group.
    static func make(_ function: StatsFunction, seconds: Double, sole: QueryBudget? = nil) -> any StatsAccumulator {
        switch function {
        case .countUnique(let fields, 0), .countUniqueHash(let fields, 0):
            if let sole, fields.count == 1, !fields[0].isPrefix {
                SoleUniqueCountStats(field: fields[0].name, budget: sole)
            } else {
                UniqueCountStats(fields: fields, limit: 0)
            }
        case .count(let fields): CountStats(fields.isEmpty || fields == [.all] ? .rows : .present, fields: fields)
        case .countEmpty(let fields): CountStats(.empty, fields: fields)
        case .rate: CountStats(.rows, perSecondsOf: seconds)
        case .sum(let fields): SumStats(.sum, fields: fields)
        case .average(let fields): SumStats(.average, fields: fields)
        case .rateSum(let fields): SumStats(.rate(seconds: seconds), fields: fields)
        case .sumLength(let fields): LengthStats(fields: fields)
        case .minimum(let fields): ExtremeStats(largest: false, fields: fields)
        case .maximum(let fields): ExtremeStats(largest: true, fields: fields)
        case .median(let fields): QuantileStats(0.5, fields: fields)
        case .quantile(let phi, let fields): QuantileStats(phi.value, fields: fields)
        case .countUnique(let fields, let limit), .countUniqueHash(let fields, let limit):
            UniqueCountStats(fields: fields, limit: limit)
        case .uniqueValues(let fields, let limit): UniqueValuesStats(fields: fields, limit: limit)
        case .values(let fields, let limit): ValuesStats(fields: fields, limit: limit)
        case .jsonValues(let fields, let sort, let limit): JSONValuesStats(fields: fields, sort: sort, limit: limit)
        case .histogram(let field): HistogramStats(field: field)
        case .rowAny(let fields): RowStats(.first, .object, fields: fields)
        case .rowMinimum(let field, let fields): RowStats(.smallest(field), .object, fields: fields)
        case .rowMaximum(let field, let fields): RowStats(.largest(field), .object, fields: fields)
        case .any(let fields), .first(let fields): RowStats(.first, .value, fields: fields)
        case .last(let fields): RowStats(.last, .value, fields: fields)
        case .fieldMinimum(let source, let result): RowStats(.smallest(source), .value, fields: [FieldPattern(result)])
        case .fieldMaximum(let source, let result): RowStats(.largest(source), .value, fields: [FieldPattern(result)])
        }
    }
}
