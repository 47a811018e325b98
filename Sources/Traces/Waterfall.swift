import Bytes

/// The records of one trace as a tree of spans over time: what `plumb trace` draws and the page shows.
///
/// A record that gives a duration is a span that ends at the record's time, since services log work when it is done; a
/// record without one is a moment. Children follow their parent, ordered by start.
public struct Waterfall: Sendable {
    public struct Row: Sendable {
        /// Position in the records given.
        public var record: Int
        public var service: String
        /// The message's first line, or what the request asked for where there is no message.
        public var label: String
        public var level: String
        /// 0 for a root.
        public var depth: Int
        /// Nanoseconds since the epoch; equal to `end` for a moment.
        public var start: Int64
        public var end: Int64
    }

    public let rows: [Row]
    /// Nanoseconds since the epoch: the earliest start and the latest end.
    public let start: Int64
    public let end: Int64

    /// O(n log n) over the records.
    public init(_ records: [TraceRecord]) {
        var rows = records.indices.map { Self.row($0, records[$0]) }
        let parents = Self.parents(of: records, rows: rows)
        for index in rows.indices { rows[index].depth = Self.depth(of: index, parents: parents) }
        let order = Self.order(rows, parents: parents)
        self.rows = order.map { rows[$0] }
        start = rows.map(\.start).min() ?? 0
        end = rows.map(\.end).max() ?? 0
    }

    /// The distinct services in the order of their first row.
    public var services: [String] {
        var seen: Set<String> = []
        return rows.map(\.service).filter { seen.insert($0).inserted }
    }

    private static func row(_ index: Int, _ record: TraceRecord) -> Row {
        let length = SpanDuration.nanoseconds(of: record) ?? 0
        let message = record.first(of: ["_msg", "http.route", "http.path", "name", "operation"])?.string ?? ""
        return Row(
            record: index,
            service: record.first(of: ["service", "service.name", "app", "app_name", "host", "hostname"])?.string ?? "",
            label: String(message.prefix { $0 != "\n" }),
            level: record.first(of: ["level", "severity"])?.string ?? "",
            depth: 0,
            start: record.time &- length, end: record.time)
    }

    /// For each record, the record that stands for its parent span, or nil. Several records may belong to one span: the
    /// longest stands for it, and the others hang under it.
    private static func parents(of records: [TraceRecord], rows: [Row]) -> [Int?] {
        var spans: [ByteString: Int] = [:]
        for index in records.indices {
            guard let span = records[index].first(of: ["span_id", "spanId", "span.id"]) else { continue }
            if let other = spans[span], rows[other].end - rows[other].start >= rows[index].end - rows[index].start {
                continue
            }
            spans[span] = index
        }
        return records.indices.map { index in
            let record = records[index]
            if let span = record.first(of: ["span_id", "spanId", "span.id"]), let owner = spans[span], owner != index {
                return owner
            }
            guard let parent = record.first(of: ["parent_span_id", "parentSpanId", "parent_id", "parent.id"]),
                let owner = spans[parent], owner != index
            else { return nil }
            return owner
        }
    }

    /// Records can name each other in a circle; the walk ends after as many steps as there are records.
    private static func depth(of index: Int, parents: [Int?]) -> Int {
        var depth = 0
        var current = parents[index]
        while let parent = current, depth < parents.count {
            depth += 1
            current = parents[parent]
        }
        return current == nil ? depth : 0
    }

    /// Depth first, children by start; what a circle keeps from any root follows at the end.
    private static func order(_ rows: [Row], parents: [Int?]) -> [Int] {
        var children: [Int: [Int]] = [:]
        for (index, parent) in parents.enumerated() { children[parent ?? -1, default: []].append(index) }
        for key in children.keys {
            children[key]!.sort { (rows[$0].start, rows[$1].end, $0) < (rows[$1].start, rows[$0].end, $1) }
        }
        var order: [Int] = []
        var visited = [Bool](repeating: false, count: rows.count)
        var pending = Array((children[-1] ?? []).reversed())
        func walk() {
            while let next = pending.popLast() {
                if visited[next] { continue }
                visited[next] = true
                order.append(next)
                pending.append(contentsOf: (children[next] ?? []).reversed())
            }
        }
        walk()
        for index in rows.indices where !visited[index] {
            pending = [index]
            walk()
        }
        return order
    }
}
