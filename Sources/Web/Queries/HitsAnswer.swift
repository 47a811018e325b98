import Bytes
import Hummingbird
import Records
import Search

/// `/select/logsql/hits`: counts over time, a series a combination of fields.
struct HitsAnswer {
    private struct Series {
        /// Nil: what is left of the series beyond the limit, together.
        var values: [ByteString]?
        var points: [(time: ByteString, hits: Int)] = []
        var total: Int { points.reduce(0) { $0 + $1.hits } }
    }

    private let fields: [ByteString]
    private var series: [Series] = []

    /// Rows of `_time`, the fields and `hits`. `limit`: so many of the largest series, and the rest as one; 0 for all.
    init(_ rows: [ResultRows], fields: [ByteString], limit: Int) {
        self.fields = fields
        var numbers: [[ByteString]: Int] = [:]
        for portion in rows {
            for row in 0..<portion.rowCount {
                let values = fields.map { portion.value($0, row: row) }
                let number = numbers[values] ?? series.count
                if number == series.count {
                    numbers[values] = number
                    series.append(Series(values: values))
                }
                let hits = Int(portion.value("hits", row: row).string) ?? 0
                series[number].points.append((portion.value(StandardFields.time, row: row), hits))
            }
        }
        if limit > 0, series.count > limit { joinRest(behind: limit) }
        for index in series.indices { series[index].points.sort { $0.time < $1.time } }
        series.sort { ($0.values ?? []).lexicographicallyPrecedes($1.values ?? []) }
    }

    private mutating func joinRest(behind limit: Int) {
        let order = series.sorted { $0.total > $1.total }
        var counts: [ByteString: Int] = [:]
        for one in order[limit...] {
            for point in one.points { counts[point.time, default: 0] += point.hits }
        }
        series = Array(order[..<limit]) + [Series(values: nil, points: counts.map { ($0.key, $0.value) })]
    }

    func response(partial: [String]) -> Response {
        .json { json in
            json.array("hits", series) { json, one in
                json.object { json in
                    json.object("fields") { json in
                        for (field, value) in zip(fields, one.values ?? []) { json.field(field.string, value) }
                    }
                    json.array("timestamps", one.points) { $0.string($1.time) }
                    json.array("values", one.points) { $0.number($1.hits) }
                    json.field("total", one.total)
                }
            }
            if !partial.isEmpty { json.field("partial", partial.joined(separator: "; ")) }
        }
    }
}
