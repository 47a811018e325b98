import Hummingbird
import Records

/// `/api/v1/status` for the page's head, `/api/v1/stats` for `plumb stats`.
struct StatusRoutes {
    let backend: Backend

    func add(to router: Router<BasicRequestContext>) {
        router.get("/api/v1/status") { _, _ in status() }
        router.get("/api/v1/stats") { _, _ in statistics() }
    }

    private func status() -> Response {
        let statistics = backend.store.statistics()
        return .json { json in
            json.field("rows", statistics.rows)
            json.field("bytes_raw", statistics.bytesRaw)
            json.field("bytes_stored", statistics.bytesStored)
            json.field("ready", backend.store.refusal == nil)
            if let range = statistics.timeRange {
                json.field("first", Timestamp(nanoseconds: range.lowerBound).description)
                json.field("last", Timestamp(nanoseconds: range.upperBound).description)
            }
        }
    }

    private func statistics() -> Response {
        let statistics = backend.store.statistics()
        return .json { json in
            json.field("rows", statistics.rows)
            json.field("segments", statistics.segments)
            json.field("bytes_raw", statistics.bytesRaw)
            json.field("bytes_stored", statistics.bytesStored)
            json.field("journal_bytes", statistics.journalBytes)
            json.field("identifiers", statistics.identifiers)
            json.field("templates", statistics.templates)
            json.array("columns", statistics.columns) { json, column in
                json.object { json in
                    json.field("name", column.name)
                    json.field("bytes_raw", column.bytesRaw)
                    json.field("bytes_stored", column.bytesStored)
                    json.field("encodings", column.encodings)
                }
            }
        }
    }
}
