import Hummingbird
import Records
import Segments

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
            json.field("ready", backend.store.obstacle == nil)
            watched(&json)
            if let range = backend.store.timeRange {
                json.field("first", Timestamp(nanoseconds: range.lowerBound).description)
                json.field("last", Timestamp(nanoseconds: range.upperBound).description)
            }
        }
    }

    /// What is watched, and what fell outside of the limits or came too late: an empty list of findings is good news
    /// only beside these.
    private func watched(_ json: inout JSONText) {
        let counters = backend.deviations.counters
        let limit = backend.deviations.seriesLimit
        json.object("watched") { json in
            json.field("series", counters.series)
            json.field("series_limit", limit)
            json.field("series_waiting", counters.seriesWaiting)
            json.field("series_replaced", Int(clamping: counters.seriesReplaced))
            json.field("fields_closed", counters.fieldsClosed)
            json.field("values_outside", Int(clamping: counters.unwatched))
            json.field("records_late", Int(clamping: counters.late))
            json.field("records_ahead", Int(clamping: counters.ahead))
            if counters.watermark != .min {
                json.field("watermark", Timestamp(nanoseconds: counters.watermark).description)
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
            let columns = backend.store.columns
            json.object("bytes_by_encoding") { json in
                for (encoding, bytes) in columns.bytesByEncoding { json.field(encoding, bytes) }
            }
            json.array("columns", columns) { json, column in
                json.object { json in
                    json.field("name", column.name)
                    json.field("bytes_raw", column.rawBytes)
                    json.field("bytes_stored", column.totalBytes)
                    json.field("encodings", column.encodingNames)
                }
            }
        }
    }
}

extension ColumnUsage {
    /// The encodings of the column's blocks, the one with the most bytes first.
    public var encodingNames: String {
        storedBytes.map { (name: "\($0.key)", bytes: $0.value) }
            .sorted { ($1.bytes, $0.name) < ($0.bytes, $1.name) }.map(\.name).joined(separator: ", ")
    }
}

extension [ColumnUsage] {
    /// Bytes of all columns together by encoding, the largest first; filters over words are one of them.
    public var bytesByEncoding: [(encoding: String, bytes: Int)] {
        var sums: [String: Int] = [:]
        for column in self {
            for (encoding, bytes) in column.storedBytes { sums["\(encoding)", default: 0] += bytes }
            if column.wordFilterBytes > 0 { sums["word filters", default: 0] += column.wordFilterBytes }
        }
        return sums.map { (encoding: $0.key, bytes: $0.value) }
            .sorted { ($1.bytes, $0.encoding) < ($0.bytes, $1.encoding) }
    }
}
