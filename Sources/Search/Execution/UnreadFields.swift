import Bytes
import QueryLanguage
import Records

/// Leaves pipes out that only make fields which nobody reads: `unpack_json` in front of `count()`, `extract` in front
/// of a `stats` over other fields.
struct UnreadFields {
    /// Names that the pipes behind may read; nil for all. May hold names that they do not.
    private var read: Set<ByteString>?

    /// Pipes that give the same answer. O(length of the query).
    static func pruned(_ pipes: [Pipe]) -> [Pipe] {
        var fields = UnreadFields()
        var kept: [Pipe] = []
        for pipe in pipes.reversed() where !fields.isUnread(pipe) {
            kept.append(pipe)
            fields.stepOver(pipe)
        }
        return kept.reversed()
    }

    /// Whether a pipe changes fields alone, and none that is read.
    private func isUnread(_ pipe: Pipe) -> Bool {
        guard let read else { return false }
        switch pipe {
        case .unpackJSON(let pipe), .unpackLogfmt(let pipe), .unpackSyslog(let pipe):
            return !read.contains { Self.mayMake($0, pipe) }
        case .extract(let pipe):
            return ExtractMatcher(pipe.pattern).map { read.isDisjoint(with: $0.fields) } ?? false
        case .format(let pipe): return !read.contains(pipe.result)
        case .math(let assignments): return assignments.allSatisfy { !read.contains($0.result) }
        case .length(let pipe), .hash(let pipe), .jsonArrayLength(let pipe): return !read.contains(pipe.result)
        case .split(let pipe): return !read.contains(pipe.result)
        case .packJSON(let pipe), .packLogfmt(let pipe): return !read.contains(pipe.result)
        case .replace(let pipe), .replaceRegexp(let pipe): return !read.contains(pipe.field)
        case .collapseNumbers(let pipe): return !read.contains(pipe.field)
        case .decolorize(let field): return !read.contains(field)
        default: return false
        }
    }

    private static func mayMake(_ name: ByteString, _ pipe: UnpackPipe) -> Bool {
        guard name.bytes.starts(with: pipe.resultPrefix.bytes) else { return false }
        let key = ByteString(name.bytes.dropFirst(pipe.resultPrefix.count))
        return pipe.fields.isEmpty || pipe.fields.contains { $0.matches(key) }
    }

    /// What is read in front of a pipe, by what is read behind it.
    private mutating func stepOver(_ pipe: Pipe) {
        switch pipe {
        case .stats(let pipe): read = Self.names(pipe)
        case .uniq(let pipe): read = pipe.fields.isEmpty ? nil : Set(pipe.fields)
        case .top(let pipe): read = pipe.fields.isEmpty ? nil : Set(pipe.fields)
        case .fieldValues(let field, _): read = [field]
        case .fields(let patterns):
            if read == nil, let names = Self.names(patterns) { read = names }
        case .limit, .offset, .sample: break
        case .filter(let filter): alsoReads(filter)
        case .sort(let pipe):
            if pipe.keys.isEmpty { read = nil }
            read?.formUnion(pipe.keys.map(\.field) + pipe.partition)
        case .unpackJSON(let pipe), .unpackLogfmt(let pipe), .unpackSyslog(let pipe):
            read?.insert(pipe.field)
            alsoReads(pipe.condition)
        case .extract(let pipe), .extractRegexp(let pipe):
            read?.insert(pipe.field)
            alsoReads(pipe.condition)
        default: read = nil
        }
    }

    /// The names of a list without prefixes; nil for a list that means all fields, or some by prefix.
    private static func names(_ patterns: [FieldPattern]) -> Set<ByteString>? {
        patterns.isEmpty || patterns.contains(where: \.isPrefix) ? nil : Set(patterns.map(\.name))
    }

    /// The fields that a filter looks at; nil if that cannot be said.
    private static func names(_ filter: Filter) -> Set<ByteString>? {
        switch filter {
        case .all: return []
        case .and(let parts), .or(let parts):
            var all: Set<ByteString> = []
            for part in parts {
                guard let names = names(part) else { return nil }
                all.formUnion(names)
            }
            return all
        case .not(let part): return names(part)
        case .field(let name, .equalsField(let other)), .field(let name, .lessThanField(let other)),
            .field(let name, .atMostField(let other)):
            return [name, other]
        case .field(let name, _): return [name]
        case .time: return [StandardFields.time]
        case .stream, .streamID: return nil
        }
    }

    private mutating func alsoReads(_ filter: Filter?) {
        guard let filter else { return }
        guard let names = Self.names(filter) else {
            read = nil
            return
        }
        read?.formUnion(names)
    }

    private static func names(_ pipe: StatsPipe) -> Set<ByteString>? {
        var all = Set(pipe.groups.map(\.field))
        for column in pipe.columns {
            guard let own = names(column.function), let others = column.condition.map(names) ?? [] else { return nil }
            all.formUnion(own.union(others))
        }
        return all
    }

    private static func names(_ function: StatsFunction) -> Set<ByteString>? {
        switch function {
        case .count(let fields): fields.isEmpty ? [] : names(fields)
        case .rate: []
        case .any(let fields), .average(let fields), .countEmpty(let fields), .countUnique(let fields, _),
            .countUniqueHash(let fields, _), .maximum(let fields), .median(let fields), .minimum(let fields),
            .quantile(_, let fields), .rateSum(let fields), .sum(let fields), .sumLength(let fields),
            .uniqueValues(let fields, _), .values(let fields, _):
            names(fields)
        case .histogram(let field): [field]
        case .fieldMaximum(let source, let result), .fieldMinimum(let source, let result): [source, result]
        case .first, .last, .jsonValues, .rowAny, .rowMaximum, .rowMinimum: nil
        }
    }
}
