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
        let statistics = backend.store.statistics
        return .json { json in
            json.field("rows", statistics.rows)
            json.field("bytes_raw", statistics.rawBytes)
            json.field("bytes_stored", statistics.storedBytes)
            json.field("ready", backend.store.failure == nil)
            if let range = statistics.timeRange {
                json.field("first", Timestamp(nanoseconds: range.lowerBound).description)
                json.field("last", Timestamp(nanoseconds: range.upperBound).description)
            }
        }
    }

    private func statistics() -> Response {
        let statistics = backend.store.statistics
        return .json { json in
            json.field("rows", statistics.rows)
            json.field("segments", statistics.segments)
            json.field("bytes_raw", statistics.rawBytes)
            json.field("bytes_stored", statistics.storedBytes)
            json.field("journal_bytes", statistics.journal.fileBytes)
            json.field("journal_rows", statistics.memoryRows)
            json.field("write_amplification", statistics.writeAmplification)
        }
    }
}
