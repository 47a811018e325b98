import Bytes
import QueryLanguage
import TestSupport

/// Makes random queries of the whole grammar, as trees that the parser could have made.
struct QueryGenerator {
    var random: SplitMix
    private var budget = 40
    /// Subqueries have those of the query around them.
    private var options = QueryOptions()

    init(seed: UInt64) {
        random = SplitMix(seed: seed)
        options = makeOptions()
    }

    mutating func query(ending field: ByteString? = nil) -> Query {
        var query = Query(options: options, filter: filter(), pipes: [])
        if random.chance(5) {
            let context = StreamContextPipe(
                before: count(), after: count(),
                window: maybe { DurationLiteral($0.random.pick(["5m", "1h30m", "1w", "2d12h"]))! })
            query.pipes.append(.streamContext(context))
        }
        while budget > 0, random.chance(60) { query.pipes.append(pipe()) }
        if let field {
            query.pipes.append(random.chance(50) ? .fields([FieldPattern(field)]) : .uniq(UniqPipe(fields: [field])))
        }
        return query
    }

    private mutating func makeOptions() -> QueryOptions {
        guard random.chance(10) else { return QueryOptions() }
        return QueryOptions(
            concurrency: maybe { $0.random.pick([1, 2, 1_024]) }, parallelReaders: maybe { $0.count() },
            ignoresGlobalTimeFilter: maybe { $0.random.chance(50) },
            allowsPartialResponse: maybe { $0.random.chance(50) },
            timeOffset: maybe { $0.duration() })
    }

    // MARK: small things

    mutating func maybe<Value>(_ make: (inout QueryGenerator) -> Value) -> Value? {
        random.chance(40) ? make(&self) : nil
    }

    mutating func list<Value>(from least: Int, _ make: (inout QueryGenerator) -> Value) -> [Value] {
        (0..<least + random.below(3)).map { _ in make(&self) }
    }

    mutating func count() -> UInt64 { random.pick([1, 2, 10, 1_000, .max]) }
    mutating func flag() -> Bool { random.chance(50) }

    /// Plain words, words of the grammar, and anything at all.
    mutating func value(orEmpty: Bool = false) -> ByteString {
        switch random.below(orEmpty ? 11 : 10) {
        case 0...3:
            return ByteString(random.pick(["error", "user_id", "a.b", "x1", "été", "日本", "0007", "5m", "2024", "_x"]))
        case 4...5:
            return ByteString(
                random.pick([
                    "and", "OR", "not", "in", "seq", "range", "offset", "options", "by", "as", "if", "stats", "limit",
                    "desc", "inf", "now",
                    "max", "default", "xor", "hits", "rank", "from", "fields", "_time", "_stream", "i", "count",
                    "first", "last",
                ]))
        case 6...7:
            return ByteString(
                random.pick([
                    "two words", "it's", "\"q\"", "`b`", "a:b", "-a", "!a", "*", "a*", "(", ")", "|", "a,b", "[x]",
                    "{y=\"z\"}", "#c", "a=b", "\\", "\n\t",
                    "a/b-c", "1.2.3.4:80", "10KiB", "x<y>z", "~", "$1", "%", " lead",
                ]))
        case 8...9: return ByteString((0...random.below(6)).map { _ in UInt8(random.below(256)) })
        default: return .empty
        }
    }

    mutating func name() -> ByteString {
        let name = value()
        if name.bytes.last == UInt8(ascii: "*") { return "star" }
        // The parser gives these a meaning of their own where a filter's field stands.
        return name.string.hasPrefix("_") ? "_x" : name
    }

    mutating func regexp() -> ByteString {
        random.pick(["err(or)?s", "^[0-9]+$", "a|b", "x", "(?P<ip>[0-9.]+) ", #"\d\."#, "日+"])
    }

    mutating func pattern() -> FieldPattern { FieldPattern(name(), isPrefix: random.chance(20)) }
    mutating func patterns() -> [FieldPattern] { list(from: 0) { $0.pattern() } }
    mutating func names() -> [ByteString] { list(from: 1) { $0.name() } }

    mutating func number() -> NumberLiteral {
        NumberLiteral(
            random.pick([
                "0", "1", "-5", "1_000", "2.5", "10KiB", "1h30m", "1e9", "Inf", "-inf", "0xff", "10.0.0.1", ".5",
            ]))!
    }

    mutating func duration() -> DurationLiteral {
        DurationLiteral(random.pick(["5m", "1h30m", "2.5d", "-1h", "10ns", "1.5µs", "1w"]))!
    }

    mutating func point() -> TimePoint {
        TimePoint(
            random.pick([
                "2024Z", "2024-02Z", "2024-02-29", "2024-02-29T10Z", "2024-02-29T10:20-05:30", "2024-02-29T10:20:30Z",
                "2024-02-29T10:20:30.123Z",
                "2024-02-29 10:20:30Z", "now", "now-1h", "now+5m", "1700000000", "1700000000.25", "1700000000123", "5m",
                "-2h",
            ]))!
    }

    // MARK: filters

    mutating func filter() -> Filter {
        budget -= 1
        guard budget > 0 else { return .field("_msg", .phrase(value())) }
        switch random.below(12) {
        case 0: return .all
        case 1: return .and(list(from: 2) { $0.filter(no: .and([])) })
        case 2: return .or(list(from: 2) { $0.filter(no: .or([])) })
        case 3:
            let inner = filter()
            if case .not = inner { return inner }
            return .not(inner)
        case 4: return .time(time())
        case 5: return .stream(StreamSelector(alternatives: alternatives()))
        case 6:
            let numbers = list(from: 0) { ByteString(String(repeating: $0.random.pick(["0a", "7f"]), count: 24)) }
            let source = random.chance(50) ? ValueSource.values(numbers) : self.source()
            if case .values = source { return .streamID(.values(numbers)) }
            return .streamID(source)
        case 7: return .field("_msg", condition())
        default: return .field(name(), condition())
        }
    }

    private mutating func filter(no kind: Filter) -> Filter {
        while true {
            let made = filter()
            switch (made, kind) {
            case (.and, .and), (.or, .or): continue
            default: return made
            }
        }
    }

    private mutating func alternatives() -> [[LabelMatcher]] {
        if random.chance(10) { return [[]] }
        return list(from: 1) { $0.list(from: 1) { $0.matcher() } }
    }

    private mutating func matcher() -> LabelMatcher {
        let test: LabelMatcher.Test =
            flag() ? .equals(value(orEmpty: true)) : .matches(regexp())
        return LabelMatcher(label: value(), isNegated: flag(), test: test)
    }

    private mutating func source() -> ValueSource {
        switch random.below(4) {
        case 1 where budget > 0:
            let field = name()
            return .query(query(ending: field), field: field)
        default:
            // A star alone, in quotes or not, is any value, and no condition any more.
            let values = list(from: 0) { $0.value(orEmpty: true) }
            return .values(values == ["*"] ? ["star"] : values)
        }
    }

    private mutating func condition() -> FieldCondition {
        switch random.below(26) {
        case 0: .empty
        case 1: .any
        case 2, 3: .phrase(value())
        case 4: .prefix(value())
        case 5: .substring(value())
        case 6: .exact(value(orEmpty: true))
        case 7: .exactPrefix(value())
        case 8: .isIn(source())
        case 9: .containsAll(source())
        case 10: .containsAny(source())
        case 11: .anyCasePhrase(value(orEmpty: true))
        case 12: .anyCasePrefix(value(orEmpty: true))
        case 13: .containsCommonCase(list(from: 0) { $0.value(orEmpty: true) })
        case 14: .equalsCommonCase(list(from: 0) { $0.value(orEmpty: true) })
        case 15: .sequence(list(from: 0) { $0.value(orEmpty: true) })
        case 16: .regexp(regexp())
        case 17: .range(NumberRange(lower: number(), includesLower: flag(), upper: number(), includesUpper: flag()))
        case 18: .compare(comparison())
        case 19:
            .ipv4Range(
                IPv4Range(lower: UInt32.random(in: 0 ... .max, using: &random), upper: random.pick([0, 7, .max])))
        case 20: .stringRange(lower: value(orEmpty: true), upper: value(orEmpty: true))
        case 21: .lengthRange(LengthRange(lower: count() - 1, upper: count()))
        case 22: .valueType("uint64")
        case 23: random.pick([.equalsField(name()), .lessThanField(name()), .atMostField(name())])
        case 24: .compare(Comparison(.greater, ByteString(number().text)))
        default:
            .patternMatch(
                PatternMatch(place: random.pick([.anywhere, .full, .prefix, .suffix]), pattern: value(orEmpty: true)))
        }
    }

    private mutating func comparison() -> Comparison {
        Comparison(random.pick([.less, .lessOrEqual, .greater, .greaterOrEqual]), value(orEmpty: true))
    }

    mutating func time() -> TimeFilter {
        let form: TimeFilter.Form
        switch random.below(7) {
        case 0: form = .last(DurationLiteral(random.pick(["5m", "1h30m", "0s"]))!)
        case 1:
            // A duration alone is `last`.
            let point = TimePoint(random.pick(["2024Z", "2024-02-29T10:20:30.5+02:00", "now-1h"]))!
            form = .period(point)
        case 2: form = .compare(random.pick([.less, .lessOrEqual, .greater, .greaterOrEqual]), point())
        case 3: form = .between(point(), includesLower: flag(), point(), includesUpper: flag())
        case 4:
            form = .dayRange(
                DayRange(
                    lowerMinute: random.below(1441), includesLower: flag(), upperMinute: random.below(1441),
                    includesUpper: flag()))
        case 5:
            form = .weekRange(
                WeekRange(
                    lowerDay: random.below(7), includesLower: flag(), upperDay: random.below(7), includesUpper: flag()))
        default: return TimeFilter(.untilNow, offset: duration())
        }
        return TimeFilter(form, offset: maybe { $0.duration() })
    }
}
