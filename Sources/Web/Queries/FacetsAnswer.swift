import Bytes
import Hummingbird
import Search

/// `/select/logsql/facets`: for each field, in order of the names, its most frequent values.
struct FacetsAnswer {
    private var fields: [ByteString: [(value: ByteString, hits: Int)]] = [:]

    /// Rows of `field_name`, `field_value` and `hits`.
    init(_ rows: [ResultRows]) {
        for portion in rows {
            for row in 0..<portion.rowCount {
                let hits = Int(portion.value("hits", row: row).string) ?? 0
                fields[portion.value("field_name", row: row), default: []]
                    .append((portion.value("field_value", row: row), hits))
            }
        }
    }

    func response(partial: [String]) -> Response {
        .json { json in
            json.array("facets", fields.keys.sorted()) { json, name in
                json.object { json in
                    json.field("field_name", name)
                    json.array("values", fields[name] ?? []) { json, pair in
                        json.object { json in
                            json.field("field_value", pair.value)
                            json.field("hits", pair.hits)
                        }
                    }
                }
            }
            if !partial.isEmpty { json.field("partial", partial.joined(separator: "; ")) }
        }
    }
}
