extension Routing {
    /// Reads a routing file in Alertmanager's form: `route`, `receivers` with `webhook_configs`. What is not
    /// supported is refused with its place.
    public init(parsing bytes: [UInt8], file: String) throws(SettingsError) {
        let root = try YAMLText.read(bytes, file: file)
        let members = try root.members(known: ["route", "receivers"])
        guard let route = members["route"] else { throw root.error("\"route\" expected") }
        receivers = []
        for node in try members["receivers"]?.elements() ?? [] { receivers.append(try Receiver(reading: node)) }
        self.root = try Route(reading: route, above: nil)
        try Self.check(self.root, route, receivers)
    }

    private static func check(
        _ route: Route, _ node: SettingsNode, _ receivers: [Receiver]
    ) throws(SettingsError) {
        guard receivers.contains(where: { $0.name == route.receiver }) else {
            throw node.error("no receiver is called \"\(route.receiver)\"")
        }
        let children = try node.members().last { $0.key == "routes" }?.value.elements() ?? []
        for (child, childNode) in zip(route.routes, children) { try check(child, childNode, receivers) }
    }
}

extension Routing.Route {
    private static let known = [
        "receiver", "group_by", "group_wait", "group_interval", "repeat_interval", "continue", "matchers", "match",
        "routes",
    ]

    fileprivate init(reading node: SettingsNode, above: Routing.Route?) throws(SettingsError) {
        let members = try node.members(known: Self.known)
        guard let receiver = try members["receiver"]?.text() ?? above?.receiver else {
            throw node.error("\"receiver\" expected")
        }
        let standard = above ?? Routing.standard().root
        self.receiver = receiver
        groupBy = try members["group_by"]?.texts() ?? standard.groupBy
        groupWait = try members["group_wait"]?.duration() ?? standard.groupWait
        groupInterval = try members["group_interval"]?.duration() ?? standard.groupInterval
        repeatInterval = try members["repeat_interval"]?.duration() ?? standard.repeatInterval
        goesOn = try members["continue"]?.flag() ?? false
        for matcher in try members["matchers"]?.elements() ?? [] {
            let text = try matcher.text()
            do { matchers.append(try LabelMatcher(parsing: text)) } catch {
                throw matcher.error(error.reason)
            }
        }
        for (name, value) in try members["match"]?.strings() ?? [] {
            let text = try value.text()
            do { matchers.append(try LabelMatcher(name: name, operation: .equal, value: text)) } catch {
                throw value.error(error.reason)
            }
        }
        if above == nil, !matchers.isEmpty { throw node.error("the first route takes every alert: no matchers here") }
        for child in try members["routes"]?.elements() ?? [] {
            routes.append(try Routing.Route(reading: child, above: self))
        }
    }
}

extension Routing.Receiver {
    fileprivate init(reading node: SettingsNode) throws(SettingsError) {
        let members = try node.members(known: ["name", "webhook_configs"])
        guard let name = try members["name"]?.text(), !name.isEmpty else { throw node.error("\"name\" expected") }
        self.name = name
        webhooks = []
        for node in try members["webhook_configs"]?.elements() ?? [] {
            webhooks.append(try Routing.Webhook(reading: node))
        }
    }
}

extension Routing.Webhook {
    fileprivate init(reading node: SettingsNode) throws(SettingsError) {
        let members = try node.members(known: ["url", "send_resolved", "headers", "max_alerts"])
        guard let url = members["url"] else { throw node.error("\"url\" expected") }
        self.url = try url.text()
        guard self.url.hasPrefix("http://") || self.url.hasPrefix("https://") else {
            throw url.error("an http:// or https:// address expected")
        }
        sendResolved = try members["send_resolved"]?.flag() ?? true
        maxAlerts = try members["max_alerts"]?.count() ?? 0
        headers = [:]
        for (name, value) in try members["headers"]?.strings() ?? [] { headers[name] = try value.text() }
    }
}
