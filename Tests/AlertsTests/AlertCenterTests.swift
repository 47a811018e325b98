import Alerts
import Bytes
import Machine
import Records
import Testing

@Suite struct AlertCenterTests {
    @Test func aFindingBecomesANotificationWithItsEvidence() async throws {
        let bench = try Bench()
        bench.center.inbox.put(notice("f1"))
        await bench.pass(10 * second)
        let call = try #require(bench.receiver.calls.first)
        #expect(bench.receiver.calls.count == 1)
        #expect(call.url == "http://127.0.0.1:9/hook")
        #expect(call.headers["Authorization"] == "Bearer s3cret" && call.headers["Content-Type"] == "application/json")
        #expect(call.headers["Idempotency-Key"]?.isEmpty == false)
        let expected = """
            {"version":"4","groupKey":"{}/default:{alertname=\\"Deviation\\", service=\\"catalog\\"}",\
            "truncatedAlerts":0,"status":"firing","receiver":"default",\
            "groupLabels":{"alertname":"Deviation","service":"catalog"},\
            "commonLabels":{"alertname":"Deviation","category":"toys","finding":"f1","kind":"drift",\
            "service":"catalog","severity":"warning"},"commonAnnotations":{"description":\
            "observed 12.5, expected 9 to 11, since 2026-03-16T04:00:00Z",\
            "summary":"db.duration_ms of catalog drifts up"},"externalURL":"http://plumb.example","alerts":[{\
            "status":"firing","labels":{"alertname":"Deviation","category":"toys","finding":"f1","kind":"drift",\
            "service":"catalog","severity":"warning"},"annotations":{"description":\
            "observed 12.5, expected 9 to 11, since 2026-03-16T04:00:00Z",\
            "summary":"db.duration_ms of catalog drifts up"},"startsAt":"2026-03-16T10:00:01Z",\
            "endsAt":"0001-01-01T00:00:00Z","generatorURL":"http://plumb.example/deviations/f1",\
            "fingerprint":"FINGERPRINT","value":12.5,"finding":"f1","title":"db.duration_ms of catalog drifts up",\
            "series":"db.duration_ms p50 catalog","kind":"drift","onset":"2026-03-16T04:00:00Z",\
            "detectedAt":"2026-03-16T09:00:00Z","observed":12.5,"expected":{"low":9,"high":11},"score":0.9,\
            "causes":[{"what":"category=toys","evidence":"+12 % against baseline","weight":31}],"samples":[{\
            "time":"2026-03-16T09:00:00Z","line":"load product 7 \\"x\\"","traceID":"00ff"}],\
            "traceIDs":["00ff","00fe"],"link":"http://plumb.example/deviations/f1"}]}
            """
        let alerts = await bench.center.alerts()
        #expect(call.text == expected.replacing("FINGERPRINT", with: try #require(alerts.first?.fingerprint)))
    }

    private static let rules = """
        groups:
          - name: g
            interval: 1m
            rules:
              - alert: Errors
                expr: level:error | stats by (service) count() as errors
                for: 2m
        """
    private static let expression = "level:error | stats by (service) count() as errors"

    @Test func linksFollowTheAddressThatTheSystemChose() async throws {
        let bench = try Bench(rules: Self.rules)
        await bench.center.answers(at: "http://127.0.0.1:40123")
        bench.queries.set(Self.expression, [AlertSample(labels: ["service": "cart"], value: 3)])
        await bench.pass(3 * minute, step: 5 * second)
        let body = try #require(bench.receiver.calls.first?.body)
        #expect(body["externalURL"]?.text == "http://127.0.0.1:40123")
        let link = body["alerts"]?.elements?.first?["link"]?.text
        #expect(link?.hasPrefix("http://127.0.0.1:40123/#q=") == true)
    }

    @Test func aQueryFiresAfterItsTimeWithSamplesAndResolves() async throws {
        let bench = try Bench(rules: Self.rules)
        bench.queries.set(Self.expression, [AlertSample(labels: ["service": "cart"], value: 3)])
        bench.queries.state.withLock { $0.lines = [SampleLine(time: start, line: "boom", traceID: "ab")] }
        await bench.pass(3 * minute, step: 5 * second)
        #expect(bench.receiver.calls.count == 1)
        let alert = try #require(bench.receiver.calls.first?.body["alerts"]?.elements?.first)
        #expect(alert["samples"]?.elements?.first?["line"]?.text == "boom")
        #expect(alert["traceIDs"]?.elements == ["ab"])
        let link = try #require(alert["link"]?.text)
        let page = String(link.prefix { $0 != "&" })
        #expect(page == "http://plumb.example/#q=level%3Aerror%20%7C%20filter%20service%3A%3Dcart")
        #expect(alert["generatorURL"]?.text == link)
        bench.queries.state.withLock { state in
            #expect(state.sampleLabels == [["service": "cart"]])
            #expect(state.asked.allSatisfy { $0.window == minute && $0.time % minute == 0 })
            #expect(state.asked.count == 4)
        }
        bench.queries.set(Self.expression, [])
        await bench.pass(3 * minute, step: 5 * second)
        #expect(bench.receiver.calls.map { $0.body["status"]?.text } == ["firing", "resolved"])
        #expect(bench.receiver.calls[1].body["alerts"]?.elements?.first?["endsAt"]?.text == "2026-03-16T10:04:00Z")
    }

    @Test func aRestartNeitherForgetsNorRepeats() async throws {
        let bench = try Bench(rules: Self.rules)
        bench.queries.set(Self.expression, [AlertSample(labels: ["service": "cart"], value: 3)])
        await bench.pass(minute)
        // Pending goes on where it was: two minutes after it began to hold, not after the restart.
        try bench.restart()
        await bench.pass(70 * second)
        #expect(bench.receiver.calls.count == 1)
        #expect(await bench.center.alerts().first?.activeAt == start)
        try bench.restart()
        await bench.pass(30 * minute, step: 10 * second)
        #expect(bench.receiver.calls.count == 1, "told twice")
        let before = await bench.center.incidents()
        try bench.restart()
        #expect(await bench.center.incidents() == before && before.count == 1)
        bench.queries.set(Self.expression, [])
        await bench.pass(2 * minute)
        #expect(bench.receiver.calls.map { $0.body["status"]?.text } == ["firing", "resolved"])
        try bench.restart()
        await bench.pass(10 * minute, step: 10 * second)
        #expect(bench.receiver.calls.count == 2)
        #expect(await bench.center.alerts().first?.state == .resolved)
    }

    @Test func whatEndedWhileTheProcessWasDownIsToldAsResolved() async throws {
        let bench = try Bench()
        bench.center.inbox.put(notice("f1"))
        await bench.pass(10 * second)
        try bench.restart()
        await bench.center.reconcile(openFindings: [])
        await bench.pass(2 * minute)
        #expect(bench.receiver.calls.map { $0.body["status"]?.text } == ["firing", "resolved"])
    }

    @Test func failedDeliveriesAreTriedAgainLaterAndLater() async throws {
        let bench = try Bench()
        bench.receiver.answer(nil, 500, 429, 503, 200)
        bench.center.inbox.put(notice("f1"))
        await bench.pass(6 * second)
        var times: [Int64] = []
        for _ in 0..<40 where bench.receiver.calls.count < 5 {
            let count = bench.receiver.calls.count
            if await bench.center.waitingDeliveries().first?.tries == 2 { try bench.restart() }
            await bench.pass(second)
            if bench.receiver.calls.count > count { times.append((bench.clock.now() - start) / second) }
        }
        // First try after five seconds of waiting for the group, then 1, 2, 4, 8 seconds later.
        #expect(times == [7, 9, 13, 21])
        #expect(Set(bench.receiver.calls.map { $0.headers["Idempotency-Key"] }).count == 1)
        await bench.pass(minute)
        #expect(bench.receiver.calls.count == 5)
        #expect(await bench.center.waitingDeliveries().isEmpty)
    }

    @Test func aRefusalIsFinalAndCounted() async throws {
        let bench = try Bench()
        bench.receiver.answer(404)
        bench.center.inbox.put(notice("f1"))
        await bench.pass(minute)
        #expect(bench.receiver.calls.count == 1)
        let status = await bench.center.status()
        #expect(status.deliveries.dropped == 1 && status.deliveries.lastDropReason == "answered 404")
    }

    @Test func aDeadReceiverIsGivenUpAfterADay() async throws {
        let bench = try Bench()
        bench.receiver.answer(nil)
        bench.center.inbox.put(notice("f1", resolvedAt: start))
        await bench.pass(25 * hour, step: 5 * minute)
        let status = await bench.center.status()
        #expect(status.waitingDeliveries == 0 && status.deliveries.dropped == 1)
        #expect(bench.receiver.calls.count > 200)
    }

    @Test func oneGroupOneMessageAndRepeats() async throws {
        let bench = try Bench()
        for number in 0..<150 { bench.center.inbox.put(notice("f\(number)")) }
        bench.center.inbox.put(notice("other", service: "cart"))
        await bench.pass(10 * second)
        #expect(bench.receiver.calls.count == 2)
        let large = try #require(bench.receiver.calls.first { $0.body["truncatedAlerts"]?.integer == 50 })
        #expect(large.body["alerts"]?.elements?.count == 100)
        await bench.pass(4 * hour + 10 * minute, step: minute)
        #expect(bench.receiver.calls.count == 4)
    }

    @Test func aDamagedLogLosesItsEndOnly() async throws {
        let bench = try Bench()
        bench.center.inbox.put(notice("f1"))
        await bench.pass(10 * second)
        let files = RealFileSystem()
        let path = bench.folder.path + "/alerts.log"
        let whole = try files.readAll(path)
        for size in stride(from: 0, to: whole.count, by: 97) + [whole.count - 1, 7, 8, 9] {
            try files.remove(path)
            let file = try files.open(path, .createNew)
            try file.write(Array(whole[..<size]).rawSpan, at: 0)
            try bench.restart()
            let status = await bench.center.status()
            #expect(status.droppedStateBytes <= size)
            #expect(try files.size(of: path) == size - status.droppedStateBytes)
            // It can be written to again.
            await bench.center.add(
                Silence(
                    id: "s", matchers: [try LabelMatcher(parsing: "a=b")], startsAt: 0, endsAt: .max, createdBy: "",
                    comment: ""))
            try bench.restart()
            #expect(await bench.center.allSilences().count == 1)
            #expect(await bench.center.status().droppedStateBytes == 0)
        }
    }

    @Test func theLogIsWrittenAnewWhenMostOfItIsOld() async throws {
        let bench = try Bench()
        let path = bench.folder.path + "/alerts.log"
        var largest = 0
        let matcher = try LabelMatcher(parsing: "a=b")
        let comment = String(repeating: "x", count: 500_000)
        for number in 0..<40 {
            await bench.center.add(
                Silence(
                    id: "s", matchers: [matcher], startsAt: 0, endsAt: .max, createdBy: "\(number)", comment: comment))
            largest = max(largest, try RealFileSystem().size(of: path))
        }
        #expect(largest < AlertLimits.stateLogBytes + 600_000)
        try bench.restart()
        #expect(await bench.center.allSilences().first?.createdBy == "39")
    }
}
