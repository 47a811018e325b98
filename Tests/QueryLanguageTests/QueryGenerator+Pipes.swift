import Bytes
import QueryLanguage

extension QueryGenerator {
    mutating func pipe() -> Pipe { random.chance(50) ? rowPipe() : fieldPipe() }

    private mutating func condition() -> Filter? { maybe { $0.filter() } }
    private mutating func overwrite() -> OverwriteRule {
        random.pick([OverwriteRule(), OverwriteRule(keepsOriginal: true), OverwriteRule(skipsEmpty: true)])
    }
    private mutating func keys() -> [SortKey] { list(from: 1) { SortKey($0.name(), isDescending: $0.flag()) } }
    private mutating func limit() -> UInt64 { random.chance(50) ? 0 : count() }

    private mutating func mappings() -> [FieldMapping] {
        list(from: 1) { generator in
            let isPrefix = generator.random.chance(20)
            return FieldMapping(
                FieldPattern(generator.name(), isPrefix: isPrefix),
                as: FieldPattern(generator.name(), isPrefix: isPrefix))
        }
    }

    private mutating func rowPipe() -> Pipe {
        switch random.below(18) {
        case 0:
            .compare(ComparePipe(limit: limit(), baseline: time(), current: maybe { $0.time() }, fields: patterns()))
        case 1:
            .facets(
                FacetsPipe(
                    count: count(), maximumValuesPerField: count(), maximumValueLength: count(),
                    keepsConstantFields: flag()))
        case 2: .first(ExtremesPipe(count: count(), keys: keys(), partition: names(), rank: maybe { $0.name() }))
        case 3: .last(ExtremesPipe(count: count(), keys: keys(), partition: names(), rank: maybe { $0.name() }))
        case 4: .join(JoinPipe(fields: names(), query: query(), isInner: flag(), prefix: value(orEmpty: true)))
        case 5: .patterns(PatternsPipe(limit: limit(), field: name(), groups: names()))
        case 6: .sort(sort())
        case 7: .limit(count())
        case 8: .top(TopPipe(count: count(), fields: names(), hits: result(), rank: maybe { $0.result() }))
        case 9: .trace(TracePipe(fields: names(), limit: limit()))
        case 10: .union(query())
        case 11: .uniq(UniqPipe(fields: names(), hits: maybe { $0.result() }, limit: limit()))
        case 12: .runningStats(stats(running: true))
        case 13: .totalStats(stats(running: true))
        case 14: .filter(filter())
        case 15: .limit(count())
        case 16: .offset(count())
        default: .stats(stats(running: false))
        }
    }

    private mutating func sort() -> SortPipe {
        SortPipe(
            keys: random.chance(20) ? [] : keys(), isDescending: flag(), offset: limit(), limit: count(),
            partition: flag() ? names() : [], rank: maybe { $0.name() })
    }

    /// A name that no field has.
    private mutating func result() -> ByteString { ByteString("result \(random.below(1_000_000_000))") }

    private mutating func unpack(_ kind: Int) -> UnpackPipe {
        UnpackPipe(
            condition: condition(), field: name(), fields: kind == 2 ? [] : patterns(),
            preservedKeys: kind == 0 ? names() : [], resultPrefix: value(orEmpty: true), overwrite: overwrite(),
            timeOffset: kind == 2 ? maybe { $0.duration() } : nil)
    }

    private mutating func replace() -> ReplacePipe {
        ReplacePipe(condition: condition(), old: value(), new: value(orEmpty: true), field: name(), limit: limit())
    }

    private mutating func fieldPipe() -> Pipe {
        switch random.below(31) {
        case 0: .blockStats
        case 1: .blocksCount(result: name())
        case 2: .collapseNumbers(CollapseNumbersPipe(condition: condition(), field: name(), prettifies: flag()))
        case 3: .copy(mappings())
        case 4: .decolorize(name())
        case 5: .delete(list(from: 1) { $0.pattern() })
        case 6: .dropEmptyFields
        case 7:
            .extract(
                ExtractPipe(
                    condition: condition(), pattern: random.pick(["ip=<ip> ", "<_> <a.b> \"<plain:c>\"", "&lt;<x>"]),
                    field: name(), overwrite: overwrite()))
        case 8:
            .extractRegexp(
                ExtractPipe(
                    condition: condition(), pattern: random.pick(["(?P<ip>[0-9.]+)", "a(?P<b>.)c"]), field: name(),
                    overwrite: overwrite()))
        case 9: .fieldNames(result: name())
        case 10: .fieldValues(name(), limit: limit())
        case 11: .fields(list(from: 1) { $0.random.chance(10) ? .all : $0.pattern() })
        case 12:
            .format(
                FormatPipe(
                    condition: condition(), pattern: random.pick(["<a>:<b>", "x", "", "<uc:a> &lt; <_>"]),
                    result: name(), overwrite: overwrite()))
        case 13: .generateSequence(max(count(), 1))
        case 14: .hash(UnaryPipe(field: name(), result: name()))
        case 15: .jsonArrayLength(UnaryPipe(field: name(), result: name()))
        case 16: .length(UnaryPipe(field: name(), result: name()))
        case 17: .math(list(from: 1) { MathAssignment($0.math(depth: 4), as: $0.maybe { $0.name() }) })
        case 18: .packJSON(PackPipe(fields: patterns(), result: name()))
        case 19: .packLogfmt(PackPipe(fields: patterns(), result: name()))
        case 20: .queryStats
        case 21: .rename(mappings())
        case 22: .replace(replace())
        case 23:
            .replaceRegexp(
                ReplacePipe(
                    condition: condition(), old: regexp(), new: value(orEmpty: true), field: name(), limit: limit()))
        case 24: .sample(count())
        case 25: .split(SplitPipe(separator: value(orEmpty: true), field: name(), result: name()))
        case 26: .timeAdd(TimeAddPipe(duration: duration(), field: name()))
        case 27: .unpackJSON(unpack(0))
        case 28: .unpackLogfmt(unpack(1))
        case 29: .unpackSyslog(unpack(2))
        default:
            random.chance(50)
                ? .unpackWords(UnpackWordsPipe(field: name(), result: name(), dropsDuplicates: flag()))
                : .unroll(UnrollPipe(condition: condition(), fields: names()))
        }
    }

    private mutating func math(depth: Int) -> MathExpression {
        switch random.below(depth > 0 ? 6 : 2) {
        case 0: return .number(number())
        case 1:
            let field = name()
            return NumberLiteral(field.string) == nil ? .field(field) : .field("x")
        case 2: return .negated(math(depth: depth - 1))
        case 3, 4: return .binary(random.pick(MathOperator.allCases), math(depth: depth - 1), math(depth: depth - 1))
        default:
            let function = random.pick(MathFunction.allCases)
            let most = min(function.arity.upperBound, function.arity.lowerBound + 2)
            let count = Int.random(in: function.arity.lowerBound...most, using: &random)
            return .call(function, (0..<count).map { _ in math(depth: depth - 1) })
        }
    }

    // MARK: stats

    private mutating func stats(running: Bool) -> StatsPipe {
        StatsPipe(
            groups: list(from: 0) { StatsGroup($0.name(), bucket: running ? nil : $0.maybe { $0.bucket() }) },
            columns: list(from: 1) {
                running
                    ? StatsColumn($0.runningFunction(), as: $0.result())
                    : StatsColumn($0.function(), if: $0.condition(), as: $0.result())
            })
    }

    private mutating func bucket() -> StatsBucket {
        let offset = maybe { NumberLiteral($0.random.pick(["2h", "-1.5h", "100"]))! }
        switch random.below(3) {
        case 0: return .step(NumberLiteral(random.pick(["5m", "10KB", "0.5", "1_000"]))!, offset: offset)
        case 1: return .calendar(random.pick(CalendarUnit.allCases), offset: offset)
        default: return .ipv4(bits: UInt8(random.below(33)), offset: offset)
        }
    }

    private mutating func runningFunction() -> StatsFunction {
        switch random.below(6) {
        case 0: .count(patterns())
        case 1: .first(patterns())
        case 2: .last(patterns())
        case 3: .maximum(patterns())
        case 4: .minimum(patterns())
        default: .sum(patterns())
        }
    }

    private mutating func function() -> StatsFunction {
        switch random.below(23) {
        case 0: .any([FieldPattern(name())])
        case 1: .average(patterns())
        case 2: .count(patterns())
        case 3: .countEmpty(patterns())
        case 4: .countUnique(names().map { FieldPattern($0) }, limit: limit())
        case 5: .countUniqueHash(names().map { FieldPattern($0) }, limit: limit())
        case 6: .fieldMaximum(source: name(), result: name())
        case 7: .fieldMinimum(source: name(), result: name())
        case 8: .histogram(name())
        case 9: .jsonValues(patterns(), sort: random.chance(50) ? [] : keys(), limit: limit())
        case 10: .maximum(patterns())
        case 11: .median(patterns())
        case 12: .minimum(patterns())
        case 13: .quantile(NumberLiteral(random.pick(["0", "0.5", "0.99", "1"]))!, patterns())
        case 14: .rate
        case 15: .rateSum(patterns())
        case 16: .rowAny(patterns())
        case 17: .rowMaximum(name(), patterns())
        case 18: .rowMinimum(name(), patterns())
        case 19: .sum(patterns())
        case 20: .sumLength(patterns())
        case 21: .uniqueValues(patterns(), limit: limit())
        default: .values(patterns(), limit: limit())
        }
    }
}
