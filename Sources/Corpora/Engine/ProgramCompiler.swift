import Bytes
import Records

/// Turns a `Scenario` into a `Program`, checking that every name that is used exists.
struct ProgramCompiler {
    private let scenario: Scenario
    private var program = Program()
    private var variableNumbers: [String: Int] = [:]
    /// Per-request variables of the flow being compiled.
    private var used: Set<Int> = []

    static func compile(_ scenario: Scenario) throws(CorpusError) -> Program {
        var compiler = ProgramCompiler(scenario: scenario)
        for service in scenario.services { compiler.add(service) }
        try compiler.addVariables()
        for fault in scenario.faults { try compiler.add(fault) }
        for flow in scenario.flows { try compiler.add(flow) }
        return try compiler.finished()
    }

    private init(scenario: Scenario) { self.scenario = scenario }

    private func error(_ reason: String) -> CorpusError { CorpusError(reason, place: "\(scenario.name).json") }

    private mutating func finished() throws(CorpusError) -> Program {
        guard !program.flows.isEmpty else { throw error("a flow expected") }
        program.flowTable = WeightedTable(weights: scenario.flows.map(\.weight))
        let total = scenario.flows.reduce(0) { $0 + $1.weight }
        program.rowsPerRequest = scenario.flows.reduce(0) { $0 + $1.weight / total * Self.expectedRows($1.root) }
        for hour in 0..<24 where scenario.flows.contains(where: { !($0.hours?.contains(hour) ?? true) }) {
            let running = scenario.flows.filter { $0.hours?.contains(hour) ?? true }
            let rows = running.reduce(0) { $0 + $1.weight / total * Self.expectedRows($1.root) }
            program.shareOfHour[hour] = rows / program.rowsPerRequest
        }
        return program
    }

    private static func expectedRows(_ step: Scenario.Step) -> Double {
        step.probability * step.calls.reduce(1) { $0 + expectedRows($1) }
    }

    private mutating func literal(_ bytes: some Sequence<UInt8>) -> Program.Text {
        let offset = program.literals.count
        program.literals.append(contentsOf: bytes)
        return Program.Text(offset: offset, length: program.literals.count - offset)
    }

    // MARK: services and variables

    private mutating func add(_ service: Scenario.Service) {
        program.services.append(
            Program.Service(
                name: service.name, firstPod: program.pods.count, podCount: service.pods,
                timeDigits: service.timeDigits))
        for pod in 0..<service.pods {
            var text = Array("\"pod\":".utf8)
            JSONValue.append(quoting: Self.podName(service.name, pod), to: &text)
            text.append(contentsOf: ",\"host\":".utf8)
            JSONValue.append(quoting: service.hosts[pod % service.hosts.count], to: &text)
            program.pods.append(literal(text))
        }
    }

    /// As a Kubernetes deployment would name it; the same in every corpus, whatever the seed.
    private static func podName(_ service: String, _ pod: Int) -> String {
        let alphabet = Array("bcdfghjklmnpqrstvwxz2456789")
        var stream = RandomStream(seed: hash64(Array(service.utf8).rawSpan))
        let replicaSet = (0..<9).map { _ in alphabet[stream.below(alphabet.count)] }
        for _ in 0..<(5 * pod) { _ = stream.next() }
        let suffix = (0..<5).map { _ in alphabet[stream.below(alphabet.count)] }
        return "\(service)-\(String(replicaSet))-\(String(suffix))"
    }

    private mutating func addVariables() throws(CorpusError) {
        for (index, variable) in scenario.variables.enumerated() { variableNumbers[variable.name] = index }
        for variable in scenario.variables {
            let kind: Program.Variable.Kind
            switch variable.kind {
            case .choice(let values):
                let first = program.choices.count
                for (value, _) in values {
                    var text: [UInt8] = []
                    JSONValue.append(escaping: value, to: &text)
                    let escaped = literal(text)
                    program.choices.append(escaped)
                }
                kind = .choice(first: first, table: WeightedTable(weights: values.map(\.weight)))
            case .integer(let from, let to, let skew):
                kind = .integer(from: from, range: Double(to - from + 1), skew: skew)
            case .decimal(let median, let sigma, let digits):
                let scale = (0..<digits).reduce(1.0) { scale, _ in scale * 10 }
                kind = .decimal(
                    scaledMedian: median * scale, table: program.tables.table(sigma: sigma), digits: digits)
            case .hexadecimal(let digits): kind = .hexadecimal(digits: digits)
            case .uuid: kind = .uuid
            case .address(let owner): kind = .address(of: try number(ofVariable: owner))
            }
            program.variables.append(
                Program.Variable(name: variable.name, kind: kind, isPerRequest: variable.isPerRequest))
        }
    }

    private func number(ofVariable name: String) throws(CorpusError) -> Int {
        guard let number = variableNumbers[name] else { throw error("no variable \(name)") }
        return number
    }

    private func number(ofService name: String) throws(CorpusError) -> Int {
        guard let number = scenario.services.firstIndex(where: { $0.name == name }) else {
            throw error("no service \(name)")
        }
        return number
    }

    private func number(ofFault name: String) throws(CorpusError) -> Int {
        guard let number = scenario.faults.firstIndex(where: { $0.name == name }) else {
            throw error("no fault \(name)")
        }
        return number
    }

    private mutating func add(_ fault: Scenario.Fault) throws(CorpusError) {
        var conditions: [(variable: Int, isAffected: [Bool])] = []
        for (name, wanted) in [(fault.variable, fault.values)] + fault.also {
            let variable = try number(ofVariable: name)
            guard case .choice(let values) = scenario.variables[variable].kind else {
                throw error("the fault's variable \(name) must be a choice")
            }
            for value in wanted where !values.contains(where: { $0.value == value }) {
                throw error("the fault's variable \(name) has no value \(value)")
            }
            conditions.append((variable, values.map { wanted.contains($0.value) }))
        }
        var replacements: [(variable: Int, other: Int)] = []
        for (name, other) in fault.replacements {
            replacements.append((try number(ofVariable: name), try number(ofVariable: other)))
            guard
                canStand(
                    scenario.variables[replacements.last!.other], for: scenario.variables[replacements.last!.variable])
            else { throw error("\(other) cannot stand for \(name)") }
        }
        for flow in fault.abandonedFlows + [fault.exampleFlow]
        where !scenario.flows.contains(where: { $0.name == flow }) {
            throw error("no flow \(flow)")
        }
        guard fault.growthPerHour > -1 else { throw error("growthPerHour must be above -1") }
        program.faults.append(
            Program.Fault(
                onset: fault.onset, logGrowthPerHour: logarithm(1 + fault.growthPerHour), conditions: conditions,
                threshold: fault.probability < 1 ? RandomStream.threshold(fault.probability) : nil,
                replacements: replacements, abandonElasticity: fault.abandonElasticity))
    }

    /// Whether a value of one variable prints as one of the other: numbers of the same digits, or the same choices in
    /// the same order.
    private func canStand(_ other: Scenario.Variable, for variable: Scenario.Variable) -> Bool {
        switch (other.kind, variable.kind) {
        case (.integer, .integer): true
        case (.decimal(_, _, let digits), .decimal(_, _, let wanted)): digits == wanted
        case (.choice(let values), .choice(let wanted)): values.map(\.value) == wanted.map(\.value)
        default: false
        }
    }

    // MARK: flows

    private mutating func add(_ flow: Scenario.Flow) throws(CorpusError) {
        used = []
        let root = try add(flow.root, isTraced: flow.isTraced, isRoot: true)
        for number in used {
            if case .address(let owner) = program.variables[number].kind { used.insert(owner) }
        }
        let faults = scenario.faults.indices
        let striking = faults.filter { fault in
            program.faults[fault].conditions.allSatisfy { used.contains($0.variable) }
        }
        program.flows.append(
            Program.Flow(
                root: root, variables: used.sorted(), hours: flow.hours ?? 0..<24, faults: striking,
                abandoningFaults: faults.filter { scenario.faults[$0].abandonedFlows.contains(flow.name) },
                exampleOf: faults.first { scenario.faults[$0].exampleFlow == flow.name } ?? -1))
    }

    private mutating func model(_ times: Scenario.Lognormal) -> DurationModel {
        DurationModel(
            medianMicroseconds: times.medianMilliseconds * 1_000, table: program.tables.table(sigma: times.sigma))
    }

    private mutating func add(_ step: Scenario.Step, isTraced: Bool, isRoot: Bool) throws(CorpusError) -> Int {
        let layout = RecordLayout(step: step, isTraced: isTraced, isRoot: isRoot)
        let normal = try add(step.normal, layout)
        var failure = -1
        if let outcome = step.failure { failure = try add(outcome, layout) }
        let firstOther = program.variants.count
        for outcome in step.others { _ = try add(outcome, layout) }
        let fault = scenario.faults.firstIndex { $0.service == step.service && used(step, by: $0) } ?? -1
        let own = program.steps.count
        program.steps.append(
            Program.Step(
                service: try number(ofService: step.service), threshold: RandomStream.threshold(step.probability),
                isOptional: step.isOptional, duration: model(step.duration), database: step.database.map { model($0) },
                fault: fault, faultStretchesDatabase: fault >= 0 && scenario.faults[fault].quantity == .database,
                normal: normal, firstOther: firstOther, otherCount: step.others.count, failure: failure,
                firstCall: -1, nextCall: -1))
        var last = -1
        for call in step.calls {
            let added = try add(call, isTraced: isTraced, isRoot: false)
            if last < 0 { program.steps[own].firstCall = added } else { program.steps[last].nextCall = added }
            last = added
        }
        return own
    }

    /// A fault stretches the steps whose records carry its variable in a field.
    private func used(_ step: Scenario.Step, by fault: Scenario.Fault) -> Bool {
        step.fields.contains { $0.value.contains("${\(fault.variable)}") }
            && (fault.quantity == .duration || fault.quantity == .database && step.database != nil)
    }

    private mutating func add(_ outcome: Scenario.Outcome, _ layout: RecordLayout) throws(CorpusError) -> Int {
        let firstLine = program.lines.count
        for message in outcome.messages {
            let firstOp = program.ops.count
            for part in try layout.parts(outcome, message: message, scenario) { try add(part) }
            program.lines.append(Program.Line(firstOp: firstOp, endOp: program.ops.count))
        }
        program.variants.append(
            Program.Variant(
                threshold: RandomStream.threshold(outcome.probability), firstLine: firstLine,
                lineCount: outcome.messages.count, factor: outcome.factor, fails: outcome.fails,
                fault: try outcome.fault.map { name throws(CorpusError) in try number(ofFault: name) } ?? -1))
        return program.variants.count - 1
    }

    private mutating func add(_ part: RecordLayout.Part) throws(CorpusError) {
        let slot: Program.Slot
        switch part.value {
        case nil: slot = .none
        case "time": slot = .time
        case "pod": slot = .pod
        case "trace": slot = .trace
        case "span": slot = .span
        case "parent": slot = .parent
        case "duration": slot = .duration
        case "db": slot = .database
        case let name?:
            let variable = try number(ofVariable: name)
            if program.variables[variable].isPerRequest { used.insert(variable) }
            slot = .variable(variable)
        }
        program.ops.append(Program.Op(text: literal(part.text), slot: slot))
    }
}
