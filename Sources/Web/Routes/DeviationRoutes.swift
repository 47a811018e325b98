import Bytes
import Deviations
import Hummingbird
import Records

/// `GET /api/v1/deviations`, one of them, its explanation, and what people think of it.
struct DeviationRoutes {
    let backend: Backend

    func add(to router: Router<BasicRequestContext>) {
        let path = "/api/v1/deviations"
        router.get(RouterPath(path)) { request, _ in try list(Parameters(request)) }
        router.get(RouterPath(path + "/{id}")) { _, context in
            let one = try find(context)
            return Response.json { Self.fields(of: one, to: &$0) }
        }
        router.get(RouterPath(path + "/{id}/explain")) { _, context in
            try await explanation(of: try find(context))
        }
        router.post(RouterPath(path + "/{id}/feedback")) { request, context in
            try feedback(try find(context), try await Parameters.reading(request))
        }
    }

    private func find(_ context: BasicRequestContext) throws -> Deviation {
        let id = try context.part("id")
        guard let one = backend.deviations.deviation(id: id) else {
            throw AnswerError(.notFound, "there is no deviation \(id)")
        }
        return one
    }

    /// Those that were under way between `from` and `to`, the latest onset first.
    private func list(_ parameters: Parameters) throws -> Response {
        let now = backend.clock.now()
        let from = try parameters["from"].map { try TimeArgument($0, name: "from", now: now).first } ?? .min
        let to = try parameters["to"].map { try TimeArgument($0, name: "to", now: now).end } ?? .max
        let found = backend.deviations.deviations(from: from, to: to).sorted { $0.onset > $1.onset }
        // Without this an empty list would look like good news while records are still to be read.
        let backlog = backend.store.statistics.observerBacklogGroups
        return .json { json in
            json.field("backlog_groups", backlog)
            json.array("deviations", found) { json, one in json.object { Self.fields(of: one, to: &$0) } }
        }
    }

    /// `useful=1` or `useful=0`: moves the series' threshold, within bounds.
    private func feedback(_ one: Deviation, _ parameters: Parameters) throws -> Response {
        guard let text = parameters["useful"], ["0", "1", "false", "true"].contains(text) else {
            throw AnswerError(.badRequest, "useful must be 1 or 0")
        }
        let isKnown = backend.deviations.feedback(id: one.id, isUseful: text == "1" || text == "true")
        guard isKnown else { throw AnswerError(.notFound, "there is no deviation \(one.id)") }
        return .json { $0.field("id", one.id) }
    }

    private static func fields(of one: Deviation, to json: inout JSONText) {
        json.field("id", one.id)
        json.field("kind", one.kind.rawValue)
        json.field("title", one.title)
        json.field("series", one.series.description)
        json.object("labels") { json in for label in one.series.labels { json.field(label.name, label.value) } }
        json.field("direction", one.direction == .up ? "up" : "down")
        json.field("change", "\(one.change)")
        json.field("unit", one.unit)
        json.field("onset", Timestamp(nanoseconds: one.onset).description)
        json.field("detected_at", Timestamp(nanoseconds: one.detectedAt).description)
        json.field("last_seen", Timestamp(nanoseconds: one.lastSeen).description)
        if let resolved = one.resolvedAt { json.field("ended_at", Timestamp(nanoseconds: resolved).description) }
        json.field("observed", one.observed)
        json.field("expected", one.expected)
        json.field("expected_low", one.expectedLow)
        json.field("expected_high", one.expectedHigh)
        json.field("score", one.score)
        causesAndSamples(of: one, to: &json)
        json.array("points", one.points) { json, point in
            json.object { json in
                json.field("time", Timestamp(nanoseconds: point.time).description)
                json.field("observed", point.observed)
                json.field("expected_low", point.expectedLow)
                json.field("expected_high", point.expectedHigh)
            }
        }
    }

    private static func causesAndSamples(of one: Deviation, to json: inout JSONText) {
        json.array("causes", one.causes) { json, cause in
            json.object { json in
                json.object("fields") { json in
                    let service = cause.service.isEmpty ? one.series.service : cause.service
                    if !service.isEmpty && cause.field != "service" { json.field("service", service) }
                    json.field(cause.field, cause.value)
                }
                json.field("role", "\(cause.role)")
                json.field("change", cause.change)
                json.field("change_elsewhere", cause.changeElsewhere)
                json.field("standard_errors", cause.evidence)
                json.field("records", cause.rows)
                json.field("evidence", evidence(of: cause))
            }
        }
        json.array("samples", one.samples) { json, sample in
            json.object { json in
                json.field("time", Timestamp(nanoseconds: sample.time).description)
                json.field("service", sample.service)
                json.field("line", sample.message)
                if !sample.traceID.isEmpty { json.field("trace_id", sample.traceID) }
            }
        }
    }

    /// `+12 %, elsewhere +0 %`, or what else ties it to the finding.
    private static func evidence(of cause: Deviation.Cause) -> String {
        func percent(_ ratio: Double) -> String {
            guard ratio.isFinite, abs(ratio) < 1e6 else { return "?" }
            let whole = Int(((ratio - 1) * 100).rounded())
            return "\(whole < 0 ? "−" : "+")\(abs(whole)) %"
        }
        switch cause.role {
        case .place: return "\(percent(cause.change)), elsewhere \(percent(cause.changeElsewhere))"
        case .caller: return "fails in \(Int(cause.rows)) of the same requests"
        case .companion: return "came with it: \(percent(cause.change))"
        }
    }

    /// The three most likely causes with their evidence, records that show it, and what the stored records of the time
    /// say: which service of the affected requests changed.
    private func explanation(of one: Deviation) async throws -> Response {
        var shortened = one
        shortened.causes = Array(one.causes.prefix(3))
        let windows = windows(of: one)
        let stored = try await backend.explanation(of: windows, tenant: backend.deviations.tenant)
        var seen: Set<String> = []
        let traces = one.samples.map(\.traceID) + stored.causes.flatMap(\.traceIDs)
        return .json { json in
            json.field("id", one.id)
            json.field("title", one.title)
            Self.causesAndSamples(of: shortened, to: &json)
            json.array("trace_ids", traces.filter { !$0.isEmpty && seen.insert($0).inserted }.prefix(10)) { json, id in
                json.string(ByteString(id))
            }
            json.document("records", stored.json)
        }
    }

    /// The latest hours of the finding against the same hours of the week before; of the day before, or right before
    /// its onset, where the records do not reach back so far.
    private func windows(of one: Deviation) -> ExplainedWindows {
        let minute: Int64 = 60_000_000_000
        let day = 1_440 * minute
        let end = max(one.lastSeen, one.detectedAt, one.onset + 10 * minute)
        let start = max(one.onset, end - 360 * minute)
        let first = backend.store.timeRange?.lowerBound ?? .min
        for days: Int64 in [7, 1] where start - days * day >= first && end - days * day <= one.onset {
            return ExplainedWindows(window: start..<end, baseline: (start - days * day)..<(end - days * day))
        }
        return ExplainedWindows(window: start..<end, baseline: (one.onset - (end - start))..<one.onset)
    }
}
