import Bytes
import Hummingbird
import Records
import Traces

/// `GET /api/v1/trace/{id}`: every record of one request, and how they lie in time.
struct TraceRoutes {
    let backend: Backend

    func add(to router: Router<BasicRequestContext>) {
        router.get("/api/v1/trace/{id}") { request, context in
            try await trace(try context.part("id"), tenant: try Tenant(request.headers))
        }
    }

    private func trace(_ id: String, tenant: Tenant) async throws -> Response {
        let backend = self.backend
        let (found, elapsed) = try await backend.threads.run {
            let start = backend.clock.uptime()
            let found = try TraceLookup.find(ByteString(id), in: backend.store.snapshot(tenant))
            return (found, backend.clock.uptime() - start)
        }
        let waterfall = Waterfall(found.records)
        return .json { json in
            json.field("id", id)
            json.field("engine_microseconds", Double(elapsed) / 1_000)
            json.field("is_cut", found.isCut)
            json.field("start_nanoseconds", Int(waterfall.start))
            json.field("end_nanoseconds", Int(waterfall.end))
            json.array("services", waterfall.services) { $0.string(ByteString($1)) }
            json.array("records", found.records) { json, record in Self.write(record, to: &json) }
            json.array("waterfall", waterfall.rows) { json, row in Self.write(row, to: &json) }
        }
    }

    private static func write(_ record: TraceRecord, to json: inout JSONText) {
        json.object { json in
            json.field("_time", Timestamp(nanoseconds: record.time).description)
            for field in record.fields { json.field(field.name.string, field.value) }
        }
    }

    private static func write(_ row: Waterfall.Row, to json: inout JSONText) {
        json.object { json in
            json.field("record", row.record)
            json.field("service", row.service)
            json.field("label", row.label)
            json.field("level", row.level)
            json.field("depth", row.depth)
            json.field("start_nanoseconds", Int(row.start))
            json.field("end_nanoseconds", Int(row.end))
        }
    }
}
