import Deviations
import Hummingbird
import Machine
import Records
import Store

/// Health, readiness, metrics, and the upkeep that scripts ask for.
struct OperationRoutes {
    let backend: Backend

    func add(to router: Router<BasicRequestContext>) {
        router.get("/health") { _, _ in Response.text("OK\n") }
        router.get("/ready") { _, _ in ready() }
        router.get("/metrics") { _, _ in Response.text(metrics() + (await watchMetrics())) }
        router.post("/api/v1/snapshot") { request, _ in try await snapshot(request) }
        router.post("/internal/force_flush") { _, _ in try await upkeep { try await $0.flush() } }
        router.post("/internal/force_merge") { _, _ in try await upkeep { try await $0.forceMerge() } }
    }

    private func upkeep(_ work: @Sendable (Store) async throws -> Void) async throws -> Response {
        // It may fail, on a full disk for instance; nothing is lost then, and it is tried again in the background.
        try await work(backend.store)
        return .text("OK\n")
    }

    /// A backup named by the argument `name`, or by the moment.
    private func snapshot(_ request: Request) async throws -> Response {
        let parameters = try await Parameters.reading(request)
        let moment = Timestamp(nanoseconds: backend.clock.now()).description
        let name = parameters["name"] ?? String(moment.map { $0 == ":" ? "-" : $0 })
        do {
            let path = try await backend.store.backUp(name)
            return .json { json in
                json.field("name", name)
                json.field("path", path)
            }
        } catch let error as StoreError {
            throw AnswerError(.badRequest, "\(error)")
        } catch let error as FileError where error.code == .exists && error.path.hasSuffix("/snapshots/" + name) {
            throw AnswerError(.conflict, "there is a snapshot \(name)")
        }
    }

    /// 200 while records are accepted and durable; 503 with the reason otherwise.
    private func ready() -> Response {
        if let reason = backend.store.obstacle {
            return .text("not accepting: \(reason)\n", status: .serviceUnavailable)
        }
        return .text("OK\n")
    }

    /// Deviations, alerts and notifications in the same format.
    private func watchMetrics() async -> String {
        let watched = backend.deviations.counters
        let alerts = await backend.alerts.status()
        var text = ""
        func add(_ name: String, _ kind: String, _ help: String, _ value: Int) {
            text += "# HELP plumb_\(name) \(help)\n# TYPE plumb_\(name) \(kind)\nplumb_\(name) \(value)\n"
        }
        let open = backend.deviations.deviations().count { !$0.isResolved }
        add("deviations_open", "gauge", "Findings that go on.", open)
        add("watched_series", "gauge", "Series with a baseline.", watched.series)
        add("watched_late_total", "counter", "Records too late for their bucket.", Int(clamping: watched.late))
        add("watched_ahead_total", "counter", "Records too far ahead to be believed.", Int(clamping: watched.ahead))
        text += Self.unwatchedMetric(watched)
        add("watched_series_limit", "gauge", "Series at most.", backend.deviations.seriesLimit)
        add("watched_series_waiting", "gauge", "Breakdowns that wait for room.", watched.seriesWaiting)
        add(
            "watched_series_replaced_total", "counter", "Series given up for ones with more records.",
            Int(clamping: watched.seriesReplaced))
        add("unwatched_fields", "gauge", "Fields that nothing is watched by.", watched.fieldsClosed)
        add("alerts_pending", "gauge", "Alerts that hold, but not for long enough.", alerts.pending)
        add("alerts_firing", "gauge", "Alerts that fire.", alerts.firing)
        add("rules_in_error", "gauge", "Rules whose last evaluation failed.", alerts.rulesInError)
        add("alert_findings_lost_total", "counter", "Findings that no alert was made of.", alerts.lostFindings)
        add("notifications_waiting", "gauge", "Messages that are not delivered yet.", alerts.waitingDeliveries)
        add("notifications_delivered_total", "counter", "Messages delivered.", alerts.deliveries.delivered)
        add("notifications_failed_tries_total", "counter", "Tries that failed.", alerts.deliveries.failedTries)
        add("notifications_dropped_total", "counter", "Messages given up.", alerts.deliveries.dropped)
        return text
    }

    /// What fell outside of the limits of what is watched, by limit.
    private static func unwatchedMetric(_ watched: EngineCounters) -> String {
        var text = "# HELP plumb_unwatched_total Values outside of the watched series.\n"
        text += "# TYPE plumb_unwatched_total counter\n"
        let reasons = [
            ("values", watched.unwatchedValues), ("services", watched.unwatchedServices),
            ("series", watched.unwatchedParts),
        ]
        for (limit, count) in reasons { text += "plumb_unwatched_total{limit=\"\(limit)\"} \(count)\n" }
        return text
    }

    /// The Prometheus text format, version 0.0.4.
    private func metrics() -> String {
        let counters = backend.counters
        let statistics = backend.store.statistics
        var text = ""
        func add(_ name: String, _ kind: String, _ help: String, _ value: Int) {
            text += "# HELP plumb_\(name) \(help)\n# TYPE plumb_\(name) \(kind)\nplumb_\(name) \(value)\n"
        }
        add("rows", "gauge", "Records stored.", statistics.rows)
        add("segments", "gauge", "Sealed segments.", statistics.segments)
        add("bytes_raw", "gauge", "Bytes of the records as field names and values.", statistics.rawBytes)
        add("bytes_stored", "gauge", "Bytes on disk, the journal included.", statistics.storedBytes)
        add("journal_bytes", "gauge", "Bytes in the journal.", statistics.journal.fileBytes)
        add(
            "insert_records_total", "counter", "Records accepted over HTTP.",
            counters.acceptedRecords.load(ordering: .relaxed))
        add(
            "insert_rejected_total", "counter", "Records rejected over HTTP.",
            counters.rejectedRecords.load(ordering: .relaxed))
        add(
            "insert_repaired_bytes_total", "counter", "Bytes of invalid UTF-8 replaced.",
            counters.repairedBytes.load(ordering: .relaxed))
        add(
            "insert_refused_total", "counter", "Inserts answered 429 or 503.",
            counters.refusedInserts.load(ordering: .relaxed))
        let intake = backend.intake
        add("tcp_bytes_total", "counter", "Bytes read over TCP.", intake.bytesRead)
        add("tcp_records_total", "counter", "Records accepted over TCP.", intake.acceptedRecords)
        add("tcp_rejected_total", "counter", "Records rejected over TCP.", intake.rejectedRecords)
        add("tcp_repeated_total", "counter", "Records that came again and were dropped.", intake.repeatedRecords)
        add(
            "tcp_stalled_reads_total", "counter", "Times a socket was not read since the disk was slow.",
            intake.stalledReads)
        add("tcp_connections", "gauge", "Open TCP connections.", intake.openConnections)
        addUpkeep(statistics, add)
        add(
            "observer_backlog_groups", "gauge", "Commit groups the watching layer has still to see.",
            statistics.observerBacklogGroups)
        add("damage_total", "counter", "Places on disk that could not be read.", statistics.damageCount)
        add("queries_total", "counter", "Queries run.", counters.queries.load(ordering: .relaxed))
        add("queries_failed_total", "counter", "Queries that failed.", counters.failedQueries.load(ordering: .relaxed))
        add(
            "queries_partial_total", "counter", "Answers that reached a limit and said so.",
            counters.partialQueries.load(ordering: .relaxed))
        add(
            "queries_cancelled_total", "counter", "Queries whose client went away.",
            counters.cancelledQueries.load(ordering: .relaxed))
        text += stages()
        add("tail_followers", "gauge", "Clients that follow records as they come.", backend.tails.followerCount)
        return text
    }

    private func stages() -> String {
        var text = "# HELP plumb_stage_cpu_seconds_total CPU of parts of ingest, where many rows come at once.\n"
        text += "# TYPE plumb_stage_cpu_seconds_total counter\n"
        for stage in Stage.allCases {
            let seconds = Double(StageTimes.shared.nanoseconds(stage)) / 1e9
            text += "plumb_stage_cpu_seconds_total{stage=\"\(stage)\"} \(seconds)\n"
        }
        return text
    }

    private func addUpkeep(_ statistics: StoreStatistics, _ add: (String, String, String, Int) -> Void) {
        add("late_rows_total", "counter", "Rows refused as older than retention.", statistics.lateRows)
        add(
            "future_rows_total", "counter", "Rows from more than a day ahead of the clock: some machine's is wrong.",
            statistics.futureRows)
        add("expired_rows_total", "counter", "Rows removed by retention, ever.", statistics.expiredRows)
        add("deleted_rows_total", "counter", "Rows removed by deletions, ever.", statistics.deletedRows)
        add("deletions", "gauge", "Deletions that still have rows to remove.", statistics.deletions)
        add("seals_total", "counter", "Times the memory table was sealed.", statistics.seals)
        add("merges_total", "counter", "Segments written by merging.", statistics.merges)
        let failures = [statistics.sealingFailure, statistics.mergingFailure, statistics.checkpointFailure]
        add("upkeep_failing", "gauge", "Kinds of background work whose last try failed.", failures.count { $0 != nil })
        add("disk_free_bytes", "gauge", "Room on the disk of the data folder.", statistics.freeDiskBytes)
    }
}
