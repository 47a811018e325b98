import Bytes
import Foundation
import Machine
import Records
import Store
import Testing

/// Prints what storing costs on the real disk: `PLUMB_MEASURE=500000 swift test -c release --filter StoreMeasurements`.
@Suite(.serialized, .enabled(if: ProcessInfo.processInfo.environment["PLUMB_MEASURE"] != nil))
struct StoreMeasurements {
    private let rows = Int(ProcessInfo.processInfo.environment["PLUMB_MEASURE"] ?? "") ?? 100_000
    private let clock = SystemClock()

    private func batches(_ rowsPerBatch: Int) -> [RecordBatch] {
        var random = SeededRandom(seed: 1)
        var time = Rows.start
        return (0..<(rows / rowsPerBatch)).map { _ in
            RecordBatch(
                rows: (0..<rowsPerBatch).map { _ in
                    time += Int64.random(in: 0..<400_000, using: &random)
                    let service = Int.random(in: 0..<14, using: &random)
                    let route = Int.random(in: 0..<30, using: &random)
                    let took = Int.random(in: 1..<4_000, using: &random)
                    return (
                        time,
                        [
                            ("level", took > 3_900 ? "error" : "info"), ("service", "service-\(service)"),
                            ("pod", "service-\(service)-7d9f8-\(route % 4)"), ("http.route", "/api/v1/things/\(route)"),
                            ("http.status", took > 3_900 ? "500" : "200"), ("duration_ms", "\(took).\(took % 10)"),
                            ("trace_id", Rows.trace(Int(time / 40_000_000))),
                            ("span_id", String(random.next() | 1 << 63, radix: 16)),
                            ("_msg", "handled request for user \(random.next() % 100_000) in \(took) ms"),
                        ]
                    )
                })
        }
    }

    private func report(_ what: String, _ value: Double, _ unit: String) {
        print(what.padding(toLength: 52, withPad: " ", startingAt: 0), String(format: "%12.2f", value), unit)
    }

    private func seconds(_ body: () async throws -> Void) async rethrows -> (wall: Double, cpu: Double) {
        let wall = clock.uptime()
        let cpu = clock.processCPU()
        try await body()
        return (Double(clock.uptime() - wall) / 1e9, Double(clock.processCPU() - cpu) / 1e9)
    }

    @Test(arguments: [4_096, 256]) func ingest(rowsPerBatch: Int) async throws {
        let folder = "/tmp/plumb-tests/\(processID())-\(systemEntropy())"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let batches = batches(rowsPerBatch)
        let count = Double(batches.count * rowsPerBatch)
        print("--- \(rowsPerBatch) rows a batch, \(Int(count)) rows")
        var options = StoreOptions()
        options.sealBytes = Int.max
        options.memoryBytes = Int.max
        let store = try Store(folder, options: options)
        let ingest = try await seconds {
            try await withThrowingTaskGroup(of: Void.self) { group in
                for start in 0..<2 {
                    group.addTask {
                        for index in stride(from: start, to: batches.count, by: 2) {
                            try await store.append(batches[index], mark: nil)
                        }
                    }
                }
                try await group.waitForAll()
            }
        }
        let journal = store.statistics.journal
        report("acknowledged rows a second, two callers", count / ingest.wall, "")
        report("CPU a row", ingest.cpu / count * 1e9, "ns")
        report("journal bytes a row", Double(journal.writtenBytes) / count, "B")
        report("groups", Double(journal.groups), "")
        report("mean write and sync", Double(journal.syncNanoseconds) / Double(journal.groups) / 1e6, "ms")
        let copy = folder + "-killed"
        defer { try? FileManager.default.removeItem(atPath: copy) }
        try FileManager.default.copyItem(atPath: folder, toPath: copy)
        var killed: ReadOnlyStore?
        let replay = try await seconds { killed = try ReadOnlyStore(copy) }
        #expect(killed?.snapshot().rowCount == Int(count))
        report("start on the journal of a killed server", replay.wall * 1e3, "ms")
        let flush = try await seconds { try await store.flush() }
        report("seal, CPU a row", flush.cpu / count * 1e9, "ns")
        report("segment bytes a row", Double(store.statistics.segmentBytes) / count, "B")
        try await single(store)
        store.close()
        let open = try await seconds { try Store(folder).close() }
        report("open and close, sealed", open.wall * 1e3, "ms")
        let again = try Store(folder)
        var lookups: [Double] = []
        for index in stride(from: 0, to: batches.count, by: max(1, batches.count / 50)) {
            let batch = batches[index]
            let id = ByteString(batch.value(row: 7, column: 6))
            var hits = 0
            let took = try await seconds { hits = try again.snapshot().rows(withIdentifier: id).count }
            #expect(hits > 0)
            lookups.append(took.wall * 1e6)
        }
        report("trace lookup, median", lookups.sorted()[lookups.count / 2], "µs")
        again.close()
    }

    /// Eight times the rows with sealing and merging at work, from batches that come again with later times.
    @Test func sustained() async throws {
        let folder = "/tmp/plumb-tests/\(processID())-\(systemEntropy())"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let batches = batches(8_192)
        let span = (batches[batches.count - 1].times.last! - Rows.start)
        let count = Double(8 * batches.count * 8_192)
        print("--- sustained, \(Int(count)) rows; resident before: \(memory())")
        let store = try Store(folder)
        let start = clock.uptime()
        let work = try await seconds {
            for round in 0..<8 {
                for batch in batches {
                    var later = batch
                    later.times = batch.times.map { $0 + Int64(round) * span }
                    while true {
                        do {
                            try await store.append(later, mark: nil)
                            break
                        } catch { try await Task.sleep(for: .milliseconds(10)) }
                    }
                }
            }
            report("rows a second while sealing", count / Double(clock.uptime() - start) * 1e9, "")
            try await store.flush()
        }
        let statistics = store.statistics
        report("CPU a row, sealed and merged", work.cpu / count * 1e9, "ns")
        report("seals", Double(statistics.seals), "")
        report("merges", Double(statistics.merges), "")
        report("write amplification", statistics.writeAmplification, "")
        report("segment bytes a row", Double(statistics.segmentBytes) / count, "B")
        print("resident after:", memory())
        store.close()
    }

    /// Resident bytes now and at most, as the kernel says it.
    private func memory() -> String {
        let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
        let lines = status.split(separator: "\n").filter { $0.hasPrefix("VmHWM") || $0.hasPrefix("VmRSS") }
        return lines.joined(separator: "  ")
    }

    private func single(_ store: Store) async throws {
        var latencies: [Double] = []
        let cpu = try await seconds {
            for number in 0..<3_000 {
                let took = try await seconds { try await store.append(Rows.batch(number..<(number + 1)), mark: nil) }
                latencies.append(took.wall * 1e3)
            }
        }
        latencies.sort()
        report("one row a group: latency p50", latencies[1_500], "ms")
        report("one row a group: latency p99", latencies[2_970], "ms")
        report("one row a group: CPU", cpu.cpu / 3_000 * 1e6, "µs")
    }
}
