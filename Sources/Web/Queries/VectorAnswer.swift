import Bytes
import Hummingbird
import QueryLanguage
import Records
import Search

/// `/select/logsql/stats_query`: a number for each group and function, in the form of Prometheus' instant query.
struct VectorAnswer {
    private struct Sample {
        var name: ByteString
        var labels: [(ByteString, ByteString)]
        var value: ByteString
    }

    private var samples: [Sample] = []
    private let time: Double

    /// Rows with the shape's labels and values; `now` in nanoseconds since the epoch.
    init(_ rows: [ResultRows], shape: StatsShape, now: Int64) {
        time = Double(now) / 1e9
        for portion in rows {
            for row in 0..<portion.rowCount {
                let labels = shape.labels.map { ($0, portion.value($0, row: row)) }
                for name in shape.values {
                    let value = portion.value(name, row: row)
                    samples.append(Sample(name: name, labels: labels, value: value))
                }
            }
        }
    }

    func response(partial: [String]) -> Response {
        .json { json in
            json.field("status", "success")
            json.object("data") { json in
                json.field("resultType", "vector")
                json.array("result", samples) { json, sample in
                    json.object { json in
                        json.object("metric") { json in
                            json.field("__name__", sample.name)
                            for label in sample.labels { json.field(label.0.string, label.1) }
                        }
                        json.array("value", [0, 1]) { json, part in
                            if part == 0 { json.double(time) } else { json.string(sample.value) }
                        }
                    }
                }
            }
            if !partial.isEmpty { json.array("warnings", partial) { $0.string(ByteString($1)) } }
        }
    }
}
