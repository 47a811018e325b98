import Bytes
import Hummingbird
import Records
import Store
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
        let ((found, damage), elapsed) = try await backend.threads.run {
            let start = backend.clock.uptime()
            let found = try Self.find(ByteString(id), backend.store, tenant)
            return (found, backend.clock.uptime() - start)
        }
        let waterfall = Waterfall(found.records)
        return .json { json in
            json.field("id", id)
            json.field("engine_microseconds", Double(elapsed) / 1_000)
            json.field("is_cut", found.isCut)
            if let damage { json.field("partial", damage) }
            json.field("start_nanoseconds", Int(waterfall.start))
            json.field("end_nanoseconds", Int(waterfall.end))
            json.array("services", waterfall.services) { $0.string(ByteString($1)) }
            json.array("records", found.records) { json, record in Self.write(record, to: &json) }
            json.array("waterfall", waterfall.rows) { json, row in Self.write(row, to: &json) }
        }
    }

    /// What is found, and what of it may be missing. A block that turns out to be damaged is left out.
    private static func find(
        _ id: ByteString, _ store: Store, _ tenant: Tenant
    ) throws -> (TraceLookup.Found, damage: String?) {
        var attempts = 0
        while true {
            let snapshot = store.snapshot(tenant)
            do {
                return (try TraceLookup.find(id, in: snapshot), snapshot.damageNote)
            } catch let error as CorruptionError {
                store.quarantine(error)
                attempts += 1
                if attempts > Limits.damagedBlocksPerQuery { throw error }
            }
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
