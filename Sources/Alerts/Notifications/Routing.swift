/// Who is told what, and how often: Alertmanager's route tree and webhook receivers.
public struct Routing: Sendable {
    public struct Route: Sendable {
        /// All must match. The root has none.
        public var matchers: [LabelMatcher] = []
        public var receiver: String
        /// Labels that make a group; `...` for every label.
        public var groupBy: [String]
        /// Nanoseconds from a group's first alert to its first notification, so that what belongs together comes
        /// together.
        public var groupWait: Int64
        /// Nanoseconds between notifications of a group that changed.
        public var groupInterval: Int64
        /// Nanoseconds after which a group that still fires is told again.
        public var repeatInterval: Int64
        /// Whether later siblings are looked at, too.
        public var goesOn = false
        public var routes: [Route] = []
    }

    public struct Webhook: Hashable, Sendable {
        public var url: String
        public var sendResolved: Bool
        /// Sent with each request, for example `Authorization`. Never stored with the delivery.
        public var headers: [String: String]
        /// Alerts in one message; 0 for `AlertLimits.alertsPerNotification`.
        public var maxAlerts: Int

        public init(url: String, sendResolved: Bool = true, headers: [String: String] = [:], maxAlerts: Int = 0) {
            self.url = url
            self.sendResolved = sendResolved
            self.headers = headers
            self.maxAlerts = maxAlerts
        }
    }

    public struct Receiver: Hashable, Sendable {
        public var name: String
        public var webhooks: [Webhook]

        public init(name: String, webhooks: [Webhook]) {
            self.name = name
            self.webhooks = webhooks
        }
    }

    public var root: Route
    public var receivers: [Receiver]

    /// What runs when there is no routing file: one receiver that posts to these addresses, if any; groups by alert
    /// name and service, five seconds of waiting for more, again every four hours.
    public static func standard(webhooks: [Webhook] = []) -> Routing {
        Routing(
            root: Route(
                receiver: "default", groupBy: ["alertname", "service"], groupWait: 5_000_000_000,
                groupInterval: 60_000_000_000, repeatInterval: 4 * 3_600_000_000_000),
            receivers: [Receiver(name: "default", webhooks: webhooks)])
    }

    func receiver(_ name: String) -> Receiver? { receivers.first { $0.name == name } }

    /// The routes that take an alert: at each level the first child that matches, and further ones after `continue`;
    /// a route none of whose children match takes it itself.
    func routes(for labels: [String: String]) -> [Route] { Self.routes(for: labels, in: root) }

    private static func routes(for labels: [String: String], in route: Route) -> [Route] {
        var found: [Route] = []
        for child in route.routes where child.matchers.allSatisfy({ $0.matches(labels) }) {
            found += routes(for: labels, in: child)
            if !child.goesOn { break }
        }
        return found.isEmpty ? [route] : found
    }
}

extension Routing.Route {
    /// The labels that name the group, and a text that names the group among all groups.
    func group(of labels: [String: String]) -> (labels: [String: String], key: String) {
        let own = groupBy == ["..."] ? labels : labels.filter { groupBy.contains($0.key) }
        let pairs = own.sorted { $0.key < $1.key }.map { "\($0.key)=\"\($0.value)\"" }
        let matchers = matchers.map(\.description).joined(separator: ",")
        return (own, "{\(matchers)}/\(receiver):{\(pairs.joined(separator: ", "))}")
    }
}
