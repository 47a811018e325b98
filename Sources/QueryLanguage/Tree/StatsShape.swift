import Bytes
import Records

/// A query that parses, but cannot be asked in the way that it was.
public struct UnsuitableQueryError: Error, Hashable, Sendable, CustomStringConvertible {
    /// One sentence without a full stop.
    public var description: String

    init(_ description: String) { self.description = description }
}

/// Which fields of a stats query's results are labels and which are numbers: what turns its rows into Prometheus
/// samples.
public struct StatsShape: Hashable, Sendable {
    public var labels: [ByteString]
    /// Each gives a sample a row, whose `__name__` is the field's name.
    public var values: [ByteString]
}

extension Query {
    /// The shape of the last `stats` pipe's results after the pipes behind it. Throws if there is no `stats` pipe, if
    /// a pipe follows after which labels and numbers cannot be told apart, or if no number is left. O(pipes ×
    /// fields).
    public func statsShape() throws(UnsuitableQueryError) -> StatsShape {
        var shape: StatsShape?
        for pipe in pipes {
            if case .stats(let stats) = pipe {
                shape = StatsShape(labels: stats.groups.map(\.field), values: stats.columns.map(\.name))
            } else {
                try shape?.apply(pipe)
            }
        }
        guard let shape else {
            throw UnsuitableQueryError("the query needs a `stats` pipe, such as `| stats count() as hits`")
        }
        guard !shape.values.isEmpty else {
            throw UnsuitableQueryError("no result of the `stats` pipe is left at the end")
        }
        return shape
    }

    /// The query with its `stats` pipes grouped by time too, in a field `_time`, and the rows that `sort` with a limit,
    /// `first` and `last` choose chosen for each step. Throws without a `stats` pipe. O(pipes).
    public func groupedByTime(_ bucket: StatsBucket) throws(UnsuitableQueryError) -> Query {
        var query = self
        var hasStats = false
        for index in pipes.indices {
            switch pipes[index] {
            case .stats(var stats):
                stats.group(by: bucket)
                query.pipes[index] = .stats(stats)
                hasStats = true
            case .sort(var sort) where sort.limit > 0:
                sort.partition = StandardFields.addingTime(to: sort.partition)
                query.pipes[index] = .sort(sort)
            case .first(var extremes):
                extremes.partition = StandardFields.addingTime(to: extremes.partition)
                query.pipes[index] = .first(extremes)
            case .last(var extremes):
                extremes.partition = StandardFields.addingTime(to: extremes.partition)
                query.pipes[index] = .last(extremes)
            default: break
            }
        }
        guard hasStats else {
            throw UnsuitableQueryError("the query needs a `stats` pipe, such as `| stats count() as hits`")
        }
        return query
    }
}

extension StandardFields {
    fileprivate static func addingTime(to fields: [ByteString]) -> [ByteString] {
        fields.contains(time) ? fields : fields + [time]
    }
}

extension StatsPipe {
    /// A group by time that the query has itself gets the bucket.
    fileprivate mutating func group(by bucket: StatsBucket) {
        if let index = groups.firstIndex(where: { $0.field == StandardFields.time }) {
            groups[index].bucket = bucket
        } else {
            groups.append(StatsGroup(StandardFields.time, bucket: bucket))
        }
    }
}

extension StatsBucket {
    /// The bucket of a `step` and an `offset` argument, as they stand in `by (_time:step offset offset)`. Nil if they
    /// cannot.
    public init?(step: String, offset: String? = nil) {
        var shift: NumberLiteral?
        if let offset, !offset.isEmpty {
            guard let literal = NumberLiteral(offset) else { return nil }
            shift = literal
        }
        if let unit = CalendarUnit(rawValue: step) {
            self = .calendar(unit, offset: shift)
        } else {
            guard let literal = NumberLiteral(step), literal.value > 0, literal.value.isFinite else { return nil }
            self = .step(literal, offset: shift)
        }
    }
}

extension StatsShape {
    fileprivate mutating func apply(_ pipe: Pipe) throws(UnsuitableQueryError) {
        switch pipe {
        case .filter: break
        case .sort(let sort): add(value: sort.rank)
        case .first(let extremes), .last(let extremes): add(value: extremes.rank)
        case .math(let assignments):
            for assignment in assignments {
                try requireNoLabel(pipe) { $0 == assignment.result }
                add(value: assignment.result)
            }
        case .format(let format):
            try requireNoLabel(pipe) { $0 == format.result }
            values.removeAll { $0 == format.result }
            labels.append(format.result)
        case .copy(let mappings): for mapping in mappings { try copy(mapping, removing: false, pipe) }
        case .rename(let mappings): for mapping in mappings { try copy(mapping, removing: true, pipe) }
        case .delete(let patterns):
            try requireNoLabel(pipe) { field in patterns.contains { $0.matches(field) } }
            keep { field in !patterns.contains { $0.matches(field) } }
        case .fields(let patterns):
            try requireNoLabel(pipe) { field in !patterns.contains { $0.matches(field) } }
            keep { field in patterns.contains { $0.matches(field) } }
        default:
            throw UnsuitableQueryError("`\(pipe)` may not follow the `stats` pipe here")
        }
    }

    /// A label that is lost would join series that are not the same.
    private func requireNoLabel(
        _ pipe: Pipe, _ isLost: (ByteString) -> Bool
    ) throws(UnsuitableQueryError) {
        guard let label = labels.first(where: isLost) else { return }
        throw UnsuitableQueryError("`\(label)` groups the results, and `\(pipe)` takes it away")
    }

    private mutating func add(value: ByteString?) {
        guard let value else { return }
        labels.removeAll { $0 == value }
        if !values.contains(value) { values.append(value) }
    }

    private mutating func keep(_ isKept: (ByteString) -> Bool) {
        labels.removeAll { !isKept($0) }
        values.removeAll { !isKept($0) }
    }

    private mutating func copy(
        _ mapping: FieldMapping, removing: Bool, _ pipe: Pipe
    ) throws(UnsuitableQueryError) {
        try requireNoLabel(pipe, mapping.target.matches)
        func renamed(_ fields: [ByteString]) -> [ByteString] {
            fields.filter(mapping.source.matches).map { field in
                guard mapping.source.isPrefix else { return mapping.target.name }
                return ByteString(mapping.target.name.bytes + field.bytes.dropFirst(mapping.source.name.count))
            }
        }
        let newLabels = renamed(labels)
        let newValues = renamed(values)
        if removing { keep { !mapping.source.matches($0) } }
        keep { !mapping.target.matches($0) }
        labels += newLabels
        values += newValues
    }
}
