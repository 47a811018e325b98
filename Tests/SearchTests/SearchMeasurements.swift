import Bytes
import Foundation
import QueryLanguage
import Records
import Search
import Segments
import TestSupport
import Testing

/// Prints what queries cost over sealed blocks of platform-like rows, in CPU milliseconds of one thread:
/// `PLUMB_MEASURE=1000000 swift test -c release --filter SearchMeasurements`.
@Suite(.serialized, .enabled(if: ProcessInfo.processInfo.environment["PLUMB_MEASURE"] != nil))
struct SearchMeasurements {
    private let rows = Int(ProcessInfo.processInfo.environment["PLUMB_MEASURE"] ?? "") ?? 100_000

    static let queries = [
        "* | stats count() n", "* | stats by (service, level) count() n", "* | stats by (_time:5m) count() n",
        "* | stats by (service) quantile(0.99, duration_ms) p, avg(user_id) m", "* | stats count_uniq(trace_id) n",
        "* | top 10 by (client_ip)", "\"timed out\" upstream | stats count() n", "~\"took [0-9]+us\" | stats count() n",
        "level:=error | sort by (_time desc) limit 100", "user_id:=4242 | fields _time, _msg",
        "session | stats count() n",
        "trace_id:=00000000000000000000000000000000", "* | uniq by (pod) with hits", "i(TIMED) | stats count() n",
        "user_id:>99000 | stats count() n", "* | fields _time, _msg, service | limit 1000",
    ]

    @Test func queries() throws {
        var random = SplitMix(seed: 7)
        var blocks: [any ColumnBlock] = []
        var time = testNow
        let perBlock = 32_768
        for _ in 0..<max(1, rows / perBlock) {
            let batch = PlatformBatch.make(rows: perBlock, time: &time, &random)
            blocks.append(try EncodedBlock(BlockEncoder(effort: .seal).encode(batch).bytes))
        }
        let snapshot = MemorySnapshot(blocks: blocks)
        let count = blocks.count * perBlock
        print("\(count) rows in \(blocks.count) blocks")
        let only = ProcessInfo.processInfo.environment["PLUMB_QUERY"]
        for text in Self.queries where only == nil || text.contains(only ?? "") {
            let query = try QueryParser.parse(text, now: testNow)
            var best = Int.max
            var returned = 0
            for _ in 0..<(only == nil ? 3 : 20) {
                let start = Self.cpu()
                let outcome = try QueryExecutor(workers: 1).run(query, over: snapshot, now: time) { _ in }
                best = min(best, Self.cpu() - start)
                returned = outcome.rowsReturned
            }
            let perRow = (Double(best) / Double(count) * 100).rounded() / 100
            let milliseconds = (Double(best) / 10_000).rounded() / 100
            print(
                text.padding(toLength: 72, withPad: " ", startingAt: 0), milliseconds, "ms", perRow, "ns/row", returned)
        }
    }

    /// CPU nanoseconds of this process.
    private static func cpu() -> Int {
        var time = timespec()
        unsafe clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return time.tv_sec * 1_000_000_000 + time.tv_nsec
    }
}

/// Rows like a platform's: 14 services, traces of about eight rows, messages of a few kinds.
enum PlatformBatch {
    static func make(rows: Int, time: inout Int64, _ random: inout SplitMix) -> RecordBatch {
        let services = ["gateway", "checkout", "cart", "catalog", "search", "payment", "shipping", "users", "auth"]
        var traces = (0..<64).map { _ in hex(32, &random) }
        var made: [(time: Int64, fields: Fields)] = []
        for _ in 0..<rows {
            time += Int64.random(in: 1...400_000, using: &random)
            let place = Int.random(in: 0..<64, using: &random)
            if Int.random(in: 0..<8, using: &random) == 0 { traces[place] = hex(32, &random) }
            let service = services[min(Int.random(in: 0..<9, using: &random), Int.random(in: 0..<9, using: &random))]
            let kind = Int.random(in: 0..<24, using: &random)
            let level = kind == 0 ? "error" : kind < 3 ? "warn" : kind < 6 ? "debug" : "info"
            let number = Int.random(in: 0..<100_000, using: &random)
            let user = Int.random(in: 0..<100_000, using: &random)
            let message =
                switch kind {
                case 0: "upstream \(service) timed out after \(number)ms, attempt \(number % 3) of 3"
                case 1, 2: "slow query on table \(service)_items took \(number)us rows=\(user)"
                case 3...8:
                    "GET /api/v1/\(service)/\(number) completed with status 200 in \(number % 977).\(user % 900)ms"
                case 9...13: "user \(user) session refreshed"
                default: "request handled by worker \(number % 16) queue depth \(user % 40)"
                }
            made.append(
                (
                    time,
                    [
                        ("service", service), ("level", level), ("trace_id", traces[place]),
                        ("span_id", hex(16, &random)),
                        ("pod", "\(service)-\(number % 4)"), ("client_ip", "10.\(user % 7).\(user % 251).\(user % 13)"),
                        ("user_id", "\(user)"), ("duration_ms", "\(number % 977).\(100 + user % 900)"),
                        ("_msg", message),
                    ]
                ))
        }
        return RecordBatch(rows: made)
    }

    private static func hex(_ digits: Int, _ random: inout SplitMix) -> String {
        var text = ""
        while text.utf8.count < digits {
            let part = String(random.next(), radix: 16)
            text += String(repeating: "0", count: 16 - part.utf8.count) + part
        }
        return String(text.prefix(digits))
    }
}
