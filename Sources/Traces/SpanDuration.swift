import Bytes

/// How long the work that a record reports took, where a field says so.
enum SpanDuration {
    /// Names whose unit is in the name, best first, with nanoseconds a unit.
    private static let fields: [(name: ByteString, nanoseconds: Double)] = [
        ("duration_ms", 1e6), ("durationMs", 1e6), ("duration_us", 1e3), ("duration_ns", 1), ("duration_s", 1e9),
        ("duration_seconds", 1e9), ("elapsed_ms", 1e6), ("latency_ms", 1e6), ("took_ms", 1e6),
        ("response_time_ms", 1e6),
        ("request_time", 1e9), ("http.duration_ms", 1e6),
    ]

    /// Nanoseconds, or nil where no field gives a sensible number.
    static func nanoseconds(of record: TraceRecord) -> Int64? {
        for field in fields {
            guard let text = record[field.name], let number = Double(text.string) else { continue }
            let length = number * field.nanoseconds
            // A day is longer than any request; a wrong unit must not stretch the drawing.
            guard length >= 0, length <= 86_400e9 else { continue }
            return Int64(length)
        }
        return nil
    }
}
