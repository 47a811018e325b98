import Records

extension Scenario {
    /// Reads a scenario file. References between its parts are checked when it is compiled into a `Program`.
    init(reading bytes: [UInt8], name: String) throws(CorpusError) {
        let tree: JSONValue
        do { tree = try JSONValue(parsing: bytes) } catch { throw CorpusError("\(error)", place: "\(name).json") }
        let root = ScenarioNode(value: tree, place: "\(name).json")
        self.name = name
        summary = try root.member("summary").text()
        defaultRows = try root.member("rows").count()
        disorderMilliseconds = try root.member("disorderMilliseconds").count()
        start = try root.member("start").instant()
        launch = try root.optional("launch")?.instant()
        isNested = root.optional("nested")?.value.flag ?? false
        end = try root.member("end").instant()
        if start >= launch ?? start + 1 || launch ?? start >= end {
            throw root.error("start, launch and end must follow one another")
        }
        let profile = try root.member("profile")
        hours = try profile.member("hours").numbers()
        weekdays = try profile.member("weekdays").numbers()
        wobble = try profile.member("wobble").number()
        guard hours.count == 24, weekdays.count == 7, (hours + weekdays).allSatisfy({ $0 > 0 }) else {
            throw profile.error("24 hours and 7 weekdays, each above 0, expected")
        }
        traffic = []
        for point in try root.optional("traffic")?.elements() ?? [] {
            let numbers = try point.numbers()
            guard numbers.count == 2, numbers[1] > 0, numbers[0] >= (traffic.last?.hours ?? 0) else {
                throw point.error("[hours after launch, factor] expected, in order of time")
            }
            traffic.append((numbers[0], numbers[1]))
        }
        guard traffic.isEmpty || launch != nil else { throw root.error("traffic needs a launch") }
        services = try root.member("services").members().map { pair throws(CorpusError) in
            try Service(reading: pair.node, name: pair.key)
        }
        variables = try root.member("variables").members().map { pair throws(CorpusError) in
            try Variable(reading: pair.node, name: pair.key)
        }
        flows = try root.member("flows").elements().map { node throws(CorpusError) in try Flow(reading: node) }
        faults = try root.member("faults").elements().map { node throws(CorpusError) in try Fault(reading: node) }
    }
}

extension Scenario.Service {
    init(reading node: ScenarioNode, name: String) throws(CorpusError) {
        self.name = name
        pods = try node.member("pods").count()
        hosts = try node.member("hosts").strings()
        timeDigits = try node.member("timeDigits").count()
        guard (1...64).contains(pods), !hosts.isEmpty else { throw node.error("1 to 64 pods and a host expected") }
        guard [3, 6, 9].contains(timeDigits) else { throw node.error("timeDigits must be 3, 6 or 9") }
    }
}

extension Scenario.Variable {
    init(reading node: ScenarioNode, name: String) throws(CorpusError) {
        self.name = name
        isPerRequest = try node.optional("scope")?.text() != "record"
        let kind = try node.member("kind").text()
        switch kind {
        case "choice":
            var values: [(value: String, weight: Double)] = []
            for element in try node.member("values").elements() {
                if let text = element.value.text {
                    values.append((text, 1))
                } else {
                    let pair = try element.elements()
                    guard pair.count == 2 else { throw element.error("\"value\" or [\"value\", weight] expected") }
                    values.append((try pair[0].text(), try pair[1].number()))
                }
            }
            guard !values.isEmpty, values.allSatisfy({ $0.weight > 0 }) else {
                throw node.error("values with weights above 0 expected")
            }
            self.kind = .choice(values)
        case "integer":
            let from = Int64(try node.member("from").count())
            let to = Int64(try node.member("to").count())
            let skew = try node.optional("skew")?.count() ?? 1
            guard from <= to, (1...8).contains(skew) else {
                throw node.error("from ≤ to and a skew of 1 to 8 expected")
            }
            self.kind = .integer(from: from, to: to, skew: skew)
        case "decimal":
            let digits = try node.member("digits").count()
            guard digits <= 6 else { throw node.error("at most 6 digits") }
            self.kind = .decimal(
                median: try node.member("median").number(), sigma: try node.member("sigma").number(), digits: digits)
        case "hex":
            let digits = try node.member("digits").count()
            guard (1...16).contains(digits) else { throw node.error("1 to 16 digits expected") }
            self.kind = .hexadecimal(digits: digits)
        case "uuid": self.kind = .uuid
        case "address": self.kind = .address(of: try node.member("of").text())
        default: throw node.error("unknown kind \(kind): choice, integer, decimal, hex, uuid or address expected")
        }
    }
}

extension Scenario.Flow {
    init(reading node: ScenarioNode) throws(CorpusError) {
        name = try node.member("name").text()
        weight = try node.member("weight").number()
        isTraced = node.optional("trace")?.value.flag ?? true
        if let bounds = try node.optional("hours")?.numbers() {
            guard bounds.count == 2, bounds[0] >= 0, bounds[0] < bounds[1], bounds[1] <= 24 else {
                throw node.error("[first hour, hour after the last] expected")
            }
            hours = Int(bounds[0])..<Int(bounds[1])
        }
        root = try Scenario.Step(reading: try node.member("step"))
        guard weight > 0 else { throw node.error("a weight above 0 expected") }
    }
}

extension Scenario.Step {
    init(reading node: ScenarioNode) throws(CorpusError) {
        service = try node.member("service").text()
        method = try node.optional("method")?.text()
        route = try node.optional("route")?.text()
        status = try node.optional("status")?.count()
        probability = try node.optional("probability")?.number() ?? 1
        isOptional = node.optional("optional")?.value.flag ?? false
        duration = try Scenario.Lognormal(reading: try node.member("duration"))
        if let times = node.optional("db") { database = try Scenario.Lognormal(reading: times) }
        fields = []
        for (key, value) in try node.optional("fields")?.members() ?? [] { fields.append((key, try value.text())) }
        normal = try Scenario.Outcome(reading: node, isNormal: true)
        others =
            try node.optional("outcomes")?.elements().map { node throws(CorpusError) in
                try Scenario.Outcome(reading: node, isNormal: false)
            } ?? []
        if let other = node.optional("failure") {
            failure = try Scenario.Outcome(reading: other, isNormal: true, failsByDefault: true)
        }
        calls =
            try node.optional("calls")?.elements().map { node throws(CorpusError) in
                try Scenario.Step(reading: node)
            } ?? []
    }
}

extension Scenario.Lognormal {
    init(reading node: ScenarioNode) throws(CorpusError) {
        let numbers = try node.numbers()
        guard numbers.count == 2, numbers[0] > 0, numbers[1] >= 0 else {
            throw node.error("[median in milliseconds, sigma] expected")
        }
        medianMilliseconds = numbers[0]
        sigma = numbers[1]
    }
}

extension Scenario.Outcome {
    init(reading node: ScenarioNode, isNormal: Bool, failsByDefault: Bool = false) throws(CorpusError) {
        fault = try node.optional("fault")?.text()
        probability = isNormal ? 1 : fault != nil ? 0 : try node.member("probability").number()
        level = try node.optional("level")?.text() ?? "info"
        status = try node.optional("status")?.count()
        factor = try node.optional("factor")?.number() ?? 1
        fails = node.optional("fails")?.value.flag ?? failsByDefault
        messages = try node.member("messages").strings()
        guard !messages.isEmpty else { throw node.error("a message expected") }
    }
}

extension Scenario.Fault {
    init(reading node: ScenarioNode) throws(CorpusError) {
        summary = try node.member("summary").text()
        onset = try node.member("onset").instant()
        name = try node.optional("name")?.text() ?? ""
        growthPerHour = try node.optional("growthPerHour")?.number() ?? 0
        service = try node.member("service").text()
        guard let quantity = Quantity(rawValue: try node.member("quantity").text()) else {
            throw node.error("quantity must be db, duration, field or outcome")
        }
        self.quantity = quantity
        variable = try node.member("variable").text()
        values = try node.member("values").strings()
        also = []
        for (key, list) in try node.optional("also")?.members() ?? [] { also.append((key, try list.strings())) }
        probability = try node.optional("probability")?.number() ?? 1
        guard probability > 0, probability <= 1 else { throw node.error("a probability above 0 and up to 1 expected") }
        replacements = []
        for (key, other) in try node.optional("replace")?.members() ?? [] {
            replacements.append((key, try other.text()))
        }
        field = try node.optional("field")?.text()
        let abandon = node.optional("abandon")
        abandonedFlows = try abandon?.member("flows").strings() ?? []
        abandonElasticity = try abandon?.member("elasticity").number() ?? 0
        exampleFlow = try node.member("exampleFlow").text()
    }
}
