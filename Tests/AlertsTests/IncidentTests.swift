import Alerts
import Testing

@Suite struct IncidentTests {
    @Test func anIncidentGathersAlertsAndTakesTimes() async throws {
        let bench = try Bench()
        bench.center.inbox.put(notice("f1"))
        await bench.pass(second)
        bench.center.inbox.put(notice("f2"))
        bench.center.inbox.put(notice("f3", service: "cart"))
        await bench.pass(second)
        var incidents = await bench.center.incidents()
        #expect(incidents.map(\.id) == ["INC-1", "INC-2"])
        #expect(incidents[0].alerts.count == 2 && incidents[0].state == .open)
        #expect(incidents[0].title == "db.duration_ms of catalog drifts up")
        #expect(incidents[0].timeToDetect == 5 * hour && incidents[0].timeToResolve == nil)

        let acknowledged = try await bench.center.acknowledge(incident: "INC-1", by: "ana")
        #expect(acknowledged.state == .acknowledged && acknowledged.acknowledgedBy == "ana")
        bench.center.inbox.put(notice("f1", resolvedAt: start))
        await bench.pass(second)
        #expect(await bench.center.incident("INC-1")?.state == .acknowledged, "one of two alerts still fires")
        bench.center.inbox.put(notice("f2", resolvedAt: start + 2 * hour))
        await bench.pass(second)
        incidents = await bench.center.incidents()
        #expect(incidents[0].state == .resolved && incidents[0].timeToResolve == 3 * hour)
        #expect(incidents[0].events.map(\.what).filter { $0.hasPrefix("Deviation") }.count == 4)
        let summary = await bench.center.incidentSummary()
        #expect(summary.open == 1 && summary.resolved == 1)
        #expect(summary.meanTimeToDetect == 5 * hour && summary.meanTimeToResolve == 3 * hour)
        try bench.restart()
        #expect(await bench.center.incidents() == incidents)
        await #expect(throws: IncidentError.self) { try await bench.center.acknowledge(incident: "INC-1", by: "ana") }
        await #expect(throws: IncidentError.self) { try await bench.center.resolve(incident: "INC-9", by: "ana") }
    }

    @Test func whatComesBackSoonIsTheSameIncident() async throws {
        let bench = try Bench()
        bench.center.inbox.put(notice("f1"))
        await bench.pass(second)
        bench.center.inbox.put(notice("f1", resolvedAt: start))
        await bench.pass(10 * minute, step: 10 * second)
        bench.center.inbox.put(notice("f2"))
        await bench.pass(second)
        #expect(await bench.center.incidents().map(\.state) == [.open])
        bench.center.inbox.put(notice("f2", resolvedAt: start))
        await bench.pass(16 * minute, step: 10 * second)
        bench.center.inbox.put(notice("f3"))
        await bench.pass(second)
        #expect(await bench.center.incidents().map(\.state) == [.resolved, .open])
    }

    @Test func closedByHandItStaysClosed() async throws {
        let bench = try Bench()
        bench.center.inbox.put(notice("f1"))
        await bench.pass(10 * minute, step: 10 * second)
        let closed = try await bench.center.resolve(incident: "INC-1", by: "ben")
        #expect(closed.timeToResolve == 10 * minute - 10 * second)
        #expect(closed.events.last?.who == "ben")
        await bench.pass(minute)
        #expect(await bench.center.incident("INC-1")?.state == .resolved)
        _ = try await bench.center.comment(incident: "INC-1", "rolled back", by: "ben")
        #expect(await bench.center.incident("INC-1")?.events.last?.what == "rolled back")
    }

    /// A finding is dated anew while it is young, earlier or later: the incident says what its alerts say.
    @Test func itBeginsWhenItsAlertsSay() async throws {
        let bench = try Bench()
        var first = notice("f1")
        let begun = first.onset
        bench.center.inbox.put(first)
        await bench.pass(second)
        #expect(await bench.center.incident("INC-1")?.onset == begun)
        first.onset = begun + hour
        bench.center.inbox.put(first)
        await bench.pass(second)
        #expect(await bench.center.incident("INC-1")?.onset == begun + hour)
        #expect(await bench.center.incident("INC-1")?.timeToDetect == 4 * hour)
        var other = notice("f2")
        other.onset = begun + 2 * hour
        bench.center.inbox.put(other)
        await bench.pass(second)
        #expect(await bench.center.incident("INC-1")?.onset == begun + hour, "the earliest of two")
        try bench.restart()
        first.onset = begun + 3 * hour
        bench.center.inbox.put(first)
        await bench.pass(second)
        #expect(await bench.center.incident("INC-1")?.onset == begun + 2 * hour)
    }
}
