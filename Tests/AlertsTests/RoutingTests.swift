import Alerts
import Testing

@Suite struct RoutingTests {
    private static let text = """
        route:
          receiver: all
          group_by: [alertname]
          group_wait: 0s
          group_interval: 10s
          routes:
            - matchers: ['severity="critical"', 'service=~"pay.*|checkout"']
              receiver: pager
              continue: true
            - match: {service: cart}
              receiver: quiet
        receivers:
          - name: all
            webhook_configs: [{url: "http://all.example/"}]
          - name: pager
            webhook_configs:
              - url: http://pager.example/
                send_resolved: false
                max_alerts: 1
          - name: quiet
        """

    private static let rules = """
        groups:
          - name: g
            rules:
              - alert: Critical
                deviation: {service: [payment, cart]}
                labels: {severity: critical}
              - alert: Other
                deviation: {service: catalog}
        """

    @Test func alertsGoWhereTheirLabelsSay() async throws {
        let bench = try Bench(rules: Self.rules, routing: Self.text)
        for service in ["payment", "cart", "catalog"] { bench.center.inbox.put(notice(service, service: service)) }
        await bench.pass(second)
        // Payment matched its route; cart's receiver has no address; catalog took the first route.
        #expect(Set(bench.receiver.calls.map(\.url)) == ["http://pager.example/", "http://all.example/"])
        #expect(bench.receiver.calls.count == 2)
        bench.center.inbox.put(notice("payment", service: "payment", resolvedAt: start))
        bench.center.inbox.put(notice("catalog", service: "catalog", resolvedAt: start))
        await bench.pass(minute)
        // The pager is not told of ends.
        #expect(
            bench.receiver.calls.map(\.url).sorted().dropFirst(1) == ["http://all.example/", "http://pager.example/"])
        #expect(bench.receiver.calls.last?.body["status"]?.text == "resolved")
    }

    @Test func silencesKeepQuietButNotBlind() async throws {
        let bench = try Bench()
        let silence = Silence(
            id: "s1", matchers: [try LabelMatcher(parsing: "service=~\"cata.*\"")], startsAt: start,
            endsAt: start + hour, createdBy: "ana", comment: "migration")
        await bench.center.add(silence)
        bench.center.inbox.put(notice("f1"))
        await bench.pass(10 * minute, step: 10 * second)
        #expect(bench.receiver.calls.isEmpty)
        #expect(await bench.center.status().firing == 1)
        try bench.restart()
        #expect(await bench.center.allSilences() == [silence])
        // It is told when the silence is over and it still fires.
        await bench.pass(52 * minute, step: 10 * second)
        #expect(bench.receiver.calls.count == 1)
        #expect(await bench.center.allSilences().isEmpty)
    }

    @Test func aReloadKeepsWhatWasTold() async throws {
        let bench = try Bench()
        bench.center.inbox.put(notice("f1"))
        await bench.pass(10 * second)
        await bench.center.reload(rules: .standard, routing: bench.routing)
        await bench.pass(10 * minute, step: 10 * second)
        #expect(bench.receiver.calls.count == 1)
        await bench.center.reload(
            rules: .standard, routing: .standard(webhooks: [.init(url: "http://new.example/")]))
        bench.center.inbox.put(notice("f1", resolvedAt: start))
        await bench.pass(2 * minute)
        #expect(bench.receiver.calls.map(\.url) == ["http://127.0.0.1:9/hook", "http://new.example/"])
    }

    @Test(arguments: [
        ("a=\"b\"", true), ("a=b", true), ("a!=b", false), ("a=~\"b|c\"", true), ("a=~b.+", false), ("a!~\"x\"", true),
        ("none=\"\"", true), ("none=~\".+\"", false), ("a = \"b\"", true), ("q=\"say \\\"x\\\"\"", true),
    ])
    func matchersAreAlertmanagers(text: String, matches: Bool) throws {
        #expect(try LabelMatcher(parsing: text).matches(["a": "b", "q": "say \"x\""]) == matches)
        let printed = try LabelMatcher(parsing: text).description
        #expect(try LabelMatcher(parsing: printed).description == printed)
    }

    @Test(arguments: [
        ("route: {receiver: x}", "f:1: route: no receiver is called \"x\""),
        ("receivers: []", "f:1: \"route\" expected"),
        ("route: {receiver: a, matchers: [b]}\nreceivers: [{name: a}]", "f:1: route.matchers[0]: a matcher such as"),
        ("route: {receiver: a, matchers: ['b=~\"(\"']}\nreceivers: [{name: a}]", "f:1: route.matchers[0]: \"(\" is no"),
        (
            "route: {receiver: a}\nreceivers:\n- name: a\n  slack_configs: []",
            "f:4: receivers[0].slack_configs: unknown key"
        ),
        (
            "route: {receiver: a}\nreceivers:\n- name: a\n  webhook_configs:\n  - url: ftp://x",
            "f:5: receivers[0].webhook_configs[0].url: an http:// or https:// address expected"
        ),
        (
            "route:\n  receiver: a\n  routes:\n  - receiver: b\nreceivers: [{name: a}]",
            "f:4: route.routes[0]: no receiver"
        ),
    ])
    func saysWhatIsWrong(text: String, complaint: String) {
        var found = "accepted"
        do { _ = try Routing(parsing: Array(text.utf8), file: "f") } catch { found = error.description }
        #expect(found.hasPrefix(complaint), "\(found)")
    }

    @Test func aTestMessageSaysSo() async throws {
        let bench = try Bench()
        #expect(await bench.center.test(receiver: "default") == 1)
        #expect(await bench.center.test(receiver: "nobody") == nil)
        await bench.center.deliver()
        #expect(bench.receiver.calls.first?.body["commonLabels"]?["alertname"]?.text == "PlumbTest")
    }
}
