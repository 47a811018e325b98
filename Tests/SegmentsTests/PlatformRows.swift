import Bytes
import Records
import TestSupport

/// Rows like a microservice platform's: 14 services, traces of about eight rows that interleave, spans that never
/// recur, HTTP fields, messages with variables. Deterministic for a seed.
struct PlatformRows {
    private var random: SplitMix
    private var time: Int64 = 1_767_225_600_000_000_000
    private let services: [(name: String, pods: [String])]
    private let clients: [String]
    /// Traces under way: how many rows each has left.
    private var traces: [(id: String, user: Int, client: Int, left: Int)] = []

    init(seed: UInt64) {
        var random = SplitMix(seed: seed)
        let names = [
            "gateway", "checkout", "cart", "catalog", "search", "payment", "shipping", "users", "auth", "inventory",
            "pricing", "reviews", "notify", "recommend",
        ]
        services = names.map { name in
            let set = random.hex(9)
            return (name, (0..<4).map { _ in "\(name)-\(set)-\(random.hex(5))" })
        }
        clients = (0..<20_000).map { _ in (0..<4).map { _ in "\(random.below(256))" }.joined(separator: ".") }
        self.random = random
    }

    mutating func batch(rows: Int) -> RecordBatch {
        var batch = RecordBatch()
        var fields: [String] = []
        var positions: [String: Int] = [:]
        func put(_ name: String, _ value: String, _ row: Int) {
            let position = positions[name] ?? batch.columns.count
            if position == batch.columns.count {
                positions[name] = position
                fields.append(name)
                batch.columns.append(.init(name: ByteString(name), slices: .init(repeating: .missing, count: rows)))
            }
            let slice = RecordBatch.Slice(offset: UInt32(batch.arena.count), length: UInt32(value.utf8.count))
            batch.columns[position].slices[row] = slice
            batch.arena.append(contentsOf: value.utf8)
        }
        for row in 0..<rows {
            time += exponential(200_000)
            batch.times.append(time)
            if traces.count < 60 || random.chance(8) {
                let client = min(random.below(20_000), random.below(20_000))
                traces.append((random.hex(32), random.below(100_000), client, 4 + random.below(9)))
            }
            let place = random.below(traces.count)
            fill(row, traces[place], put)
            traces[place].left -= 1
            if traces[place].left == 0 { traces.remove(at: place) }
        }
        return batch
    }

    private mutating func exponential(_ mean: Double) -> Int64 {
        // Sum of uniform bits: a geometric distribution in doubling steps, near enough to waiting times.
        var scale = mean / 2
        while random.chance(2), scale < mean * 64 { scale *= 1.7 }
        return Int64(scale * Double(random.below(1_000_000)) / 500_000) + 1
    }

    private mutating func fill(
        _ row: Int, _ trace: (id: String, user: Int, client: Int, left: Int), _ put: (String, String, Int) -> Void
    ) {
        let service = services[min(random.below(14), random.below(14))]
        let level = random.chance(12) ? (random.chance(4) ? "error" : "warn") : random.chance(5) ? "debug" : "info"
        let micros = exponential(20_000)
        put("service", service.name, row)
        put("level", level, row)
        put("trace_id", trace.id, row)
        put("span_id", random.hex(16), row)
        put("pod", service.pods[random.below(4)], row)
        put("http.method", ["GET", "GET", "GET", "POST", "PUT"][random.below(5)], row)
        put("http.route", "/api/v1/\(service.name)/{id}", row)
        put("http.status_code", level == "error" ? "500" : random.chance(30) ? "404" : "200", row)
        put("client_ip", clients[trace.client], row)
        put("user_id", "\(trace.user)", row)
        put("duration_ms", decimal(Int(micros)), row)
        put("_msg", message(service.name, level, micros, trace.user), row)
    }

    private func decimal(_ thousandths: Int) -> String {
        let fraction = "\(thousandths % 1_000)"
        return "\(thousandths / 1_000)." + String(repeating: "0", count: 3 - fraction.utf8.count) + fraction
    }

    private mutating func message(_ service: String, _ level: String, _ micros: Int64, _ user: Int) -> String {
        switch (level, random.below(5)) {
        case ("error", _):
            return "upstream \(service) timed out after \(micros / 1_000)ms, attempt \(1 + random.below(3)) of 3"
        case ("warn", _): return "slow query on table \(service)_items took \(micros)us rows=\(random.below(5_000))"
        case (_, 0):
            return
                "GET /api/v1/\(service)/\(random.below(90_000)) completed with status 200 in \(decimal(Int(micros)))ms"
        case (_, 1): return "cache hit ratio \(Double(random.below(1_000)) / 1_000) for region eu-\(random.below(3))"
        case (_, 2): return "user \(user) session refreshed"
        case (_, 3):
            return
                "published event order.updated to shard \(random.below(48)) offset \(9_000_000 + random.below(500_000))"
        default: return "request handled by worker \(random.below(16)) queue depth \(random.below(40))"
        }
    }
}
