import Bytes
import Hummingbird
import Records
import Search

/// `/select/logsql/hits`: counts over time, a series a combination of fields.
struct HitsAnswer {
    private struct Series {
        var values: [ByteString]
        var points: [(time: ByteString, hits: Int)] = []
        var total: Int { points.reduce(0) { $0 + $1.hits } }
    }

    private let fields: [ByteString]
    private var series: [Series] = []

    /// Rows of `_time`, the fields and `hits`.
    init(_ rows: [ResultRows], fields: [ByteString]) {
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
        for index in series.indices { series[index].points.sort { $0.time < $1.time } }
        series.sort { $0.total > $1.total }
    }

    func response(partial: [String]) -> Response {
        .json { json in
            json.array("hits", series) { json, one in
                json.object { json in
                    json.object("fields") { json in
                        for (field, value) in zip(fields, one.values) { json.field(field.string, value) }
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
