import Bytes
import Hummingbird
import QueryLanguage
import Records
import Search

/// `/select/logsql/stats_query_range`: a series for each group and function, in the form of Prometheus' range query.
struct MatrixAnswer {
    private struct Key: Hashable, Comparable {
        var name: ByteString
        var values: [ByteString]

        static func < (left: Key, right: Key) -> Bool {
            left.name == right.name ? left.values.lexicographicallyPrecedes(right.values) : left.name < right.name
        }
    }

    private let labels: [ByteString]
    private var series: [Key: [(time: Int64, value: ByteString)]] = [:]

    /// Rows with the shape's labels and values, and `_time`; a row without a time counts at `now` (nanoseconds).
    init(_ rows: [ResultRows], shape: StatsShape, now: Int64) {
        labels = shape.labels.filter { $0 != StandardFields.time }
        for portion in rows {
            for row in 0..<portion.rowCount {
                let text = portion.value(StandardFields.time, row: row)
                let time = TimeText.timestamp(text.bytes.rawSpan) ?? now
                let values = labels.map { portion.value($0, row: row) }
                for name in shape.values where name != StandardFields.time {
                    series[Key(name: name, values: values), default: []].append((time, portion.value(name, row: row)))
                }
            }
        }
    }

    func response(partial: [String]) -> Response {
        .json { json in
            json.field("status", "success")
            json.object("data") { json in
                json.field("resultType", "matrix")
                json.array("result", series.keys.sorted()) { json, key in
                    json.object { json in
                        json.object("metric") { json in
                            json.field("__name__", key.name)
                            for (label, value) in zip(labels, key.values) {
                                json.field(label.string, value)
                            }
                        }
                        json.array("values", (series[key] ?? []).sorted { $0.time < $1.time }) { json, point in
                            json.array([0, 1]) { json, part in
                                if part == 0 {
                                    json.double(Double(point.time) / 1e9)
                                } else {
                                    json.string(point.value)
                                }
                            }
                        }
                    }
                }
            }
            if !partial.isEmpty { json.array("warnings", partial) { $0.string(ByteString($1)) } }
        }
    }
}
