import Hummingbird
import Records

/// `GET /api/v1/alerts` and `/api/v1/incidents`.
struct AlertRoutes {
    let backend: Backend

    func add(to router: Router<BasicRequestContext>) {
        router.get("/api/v1/alerts") { _, _ in
            let alerts = await backend.alerts.alerts()
            return Response.json { json in json.array("alerts", alerts, Self.write) }
        }
        router.get("/api/v1/incidents") { _, _ in
            let incidents = await backend.alerts.incidents()
            return Response.json { json in json.array("incidents", incidents, Self.write) }
        }
    }

    private static func write(to json: inout JSONText, _ alert: AlertView) {
        json.object { json in
            json.field("name", alert.name)
            json.field("state", alert.state)
            json.field("active_at", Timestamp(nanoseconds: alert.activeAt).description)
            json.object("labels") { json in for (name, value) in alert.labels { json.field(name, value) } }
            json.object("annotations") { json in for (name, value) in alert.annotations { json.field(name, value) } }
        }
    }

    private static func write(to json: inout JSONText, _ incident: IncidentView) {
        json.object { json in
            json.field("id", incident.id)
            json.field("title", incident.title)
            json.field("state", incident.state)
            json.field("onset", Timestamp(nanoseconds: incident.onset).description)
            json.field("detected_at", Timestamp(nanoseconds: incident.detectedAt).description)
            json.field("time_to_detect_seconds", Double(incident.detectedAt - incident.onset) / 1e9)
            if let resolved = incident.resolvedAt {
                json.field("resolved_at", Timestamp(nanoseconds: resolved).description)
                json.field("time_to_resolve_seconds", Double(resolved - incident.onset) / 1e9)
            }
        }
    }
}
