/// Runs requests through a `FaultSystem` and keeps the records that it writes.
struct FaultSimulation {
    /// A record; `number` keeps the order of those of one moment.
    struct Row: Sendable {
        var time: Int64
        var number: Int
        var fields: [(String, String)]
    }

    /// In which form the system reports.
    struct Style {
        var hasCallerSpans: Bool
        var timeIsEnd: Bool
        var logsHaveTrace: Bool
        var isMicroseconds: Bool
        /// Whether callers say in words whom they called.
        var namesCallees: Bool

        init(stream: inout RandomStream) {
            hasCallerSpans = stream.unit() < 0.4
            timeIsEnd = stream.unit() < 0.4
            logsHaveTrace = stream.unit() < 0.6
            isMicroseconds = stream.unit() < 0.4
            namesCallees = stream.unit() < 0.6
        }
    }

    /// How strong the fault is, each as its kind needs it.
    struct Strength {
        var factor: Double
        var share: Double
        var milliseconds: Double
        /// Of the messages of its own that the service at fault still writes about it.
        var candour: Double

        init(stream: inout RandomStream) {
            factor = 1.6 * stream.power(5)
            share = 0.08 * stream.power(8)
            milliseconds = 20 * stream.power(20)
            candour = stream.unit()
        }
    }

    let kind: FaultCase.Kind
    let system: FaultSystem
    let style: Style
    let strength: Strength
    let root: Int
    /// Operations of the service at fault that it strikes.
    let struck: Set<Int>
    let start: Int64
    let seconds: Int
    var stream: RandomStream
    private(set) var rows: [Row] = []
    /// Of the request that runs: its trace, and whether the fault is on.
    private var trace = ""
    private var isFaulty = false
    private var load = 1.0

    init(kind: FaultCase.Kind, start: Int64, seconds: Int, stream: inout RandomStream) {
        self.kind = kind
        self.start = start
        self.seconds = seconds
        let system = FaultSystem(stream: &stream)
        self.system = system
        style = Style(stream: &stream)
        strength = Strength(stream: &stream)
        let visits = system.visitsPerRequest()
        let callers = Set(system.operations.filter { !$0.calls.isEmpty }.map(\.service))
        let candidates = visits.indices.filter { service in
            service > 0 && visits[service] > 0.12 && (kind != .skippedCall || callers.contains(service))
        }
        let root = stream.element(of: candidates) ?? 1
        self.root = root
        let own = system.operations.indices.filter { system.operations[$0].service == root }
        let calling = own.filter { !system.operations[$0].calls.isEmpty }
        // Wrong code is one operation's, a sick machine strikes all of them.
        let isCode = kind == .skippedCall || kind == .wrongAnswer
        let visited = (kind == .skippedCall ? calling : own)
        struck = isCode ? Set(visited.filter { _ in stream.unit() < 0.6 } + visited.suffix(1)) : Set(own)
        self.stream = stream
    }

    mutating func run(requests: Int) {
        // Traffic differs between the halves as it does between any ten minutes.
        let weights = system.entries.map { entry in
            [entry.weight * (0.85 + 0.3 * stream.unit()), entry.weight * (0.85 + 0.3 * stream.unit())]
        }
        let share = 0.44 + 0.12 * stream.unit()
        let loads = [1.0, 0.95 + 0.15 * stream.unit()]
        for _ in 0..<requests {
            isFaulty = stream.unit() < share
            let half = isFaulty ? 1 : 0
            load = loads[half]
            let moment = Double(half * seconds) + stream.unit() * Double(seconds - 5)
            var drawn = stream.unit() * weights.reduce(0) { $0 + $1[half] }
            let entry =
                weights.firstIndex {
                    drawn -= $0[half]; return drawn < 0
                } ?? 0
            trace = hexadecimal(16) + hexadecimal(16)
            _ = serve(system.entries[entry].operation, at: start + Int64(moment * 1e9), parent: "")
        }
        for service in FaultSystem.serviceNames.indices { writeBackground(of: service) }
    }

    /// One span: answers how long it took in milliseconds, and whether it failed.
    private mutating func serve(_ number: Int, at time: Int64, parent: String) -> (milliseconds: Double, failed: Bool) {
        let operation = system.operations[number]
        let isStruck = isFaulty && struck.contains(number)
        let span = hexadecimal(16)
        var clock = 0.0
        let own = ownTime(of: operation, isStruck: isStruck)
        func now(_ clock: Double) -> Int64 { time + Int64(clock * 1e6) }
        clock += own * 0.5
        var failed = stream.unit() < operation.failureRate
        if failed {
            log(operation.service, "error", "could not complete \(operation.name): invalid state", span, now(clock))
        }
        if isStruck && kind == .errors && stream.unit() < strength.share {
            failed = true
            if stream.unit() < 0.3 + 0.7 * strength.candour {
                log(
                    operation.service, "error", "unexpected fault in \(operation.name): code \(stream.below(90))", span,
                    now(clock))
            }
        }
        if !failed { writeMessages(operation, isStruck: isStruck, span, now(clock)) }
        for (place, call) in operation.calls.enumerated() where !failed {
            guard call.probability >= 1 || stream.unit() < call.probability else { continue }
            if isStruck && kind == .skippedCall && place == operation.calls.count - 1 { continue }
            let answer = ask(call.operation, from: operation, at: now(clock), parent: span)
            clock += answer.milliseconds
            failed = answer.failed
        }
        clock += own * 0.5
        writeSpan(operation, span, parent, time, clock, failed: failed, isCaller: false)
        return (clock, failed)
    }

    private mutating func ownTime(of operation: FaultSystem.Operation, isStruck: Bool) -> Double {
        var own = operation.medianMilliseconds * exponential(operation.sigma * stream.normal()) * load
        if system.pausing.contains(operation.service) && stream.unit() < 0.01 { own += 40 + 300 * stream.unit() }
        guard isStruck else { return own }
        switch kind {
        case .processor:
            own *= strength.factor * exponential(0.3 * stream.normal())
            if stream.unit() < 0.03 { own += 100 * stream.power(6) }
        case .memory:
            own *= 1.2
            if stream.unit() < strength.share { own += 120 * stream.power(10) }
        case .retries: if stream.unit() < 2 * strength.share { own += 1_200 * stream.power(3) }
        default: break
        }
        return own
    }

    /// A call over the network, made again where callers do so.
    private mutating func ask(
        _ number: Int, from caller: FaultSystem.Operation, at time: Int64, parent: String
    ) -> (milliseconds: Double, failed: Bool) {
        let callee = system.operations[number].service
        let name = FaultSystem.serviceNames[callee]
        var clock = 0.0
        for attempt in 0..<3 {
            let span = style.hasCallerSpans ? hexadecimal(16) : parent
            let begin = time + Int64(clock * 1e6)
            var answer = transmit(number, callee, caller.service, at: begin, parent: span)
            let isTooLate = isFaulty && kind == .retries && answer.milliseconds > 1_000
            if isTooLate { answer = (1_000, true) }
            clock += answer.milliseconds
            if style.hasCallerSpans {
                writeSpan(
                    caller, span, parent, begin, answer.milliseconds, failed: answer.failed, isCaller: true, to: name)
            }
            guard answer.failed else {
                let isWrong =
                    isFaulty && kind == .wrongAnswer && struck.contains(number) && stream.unit() < 4 * strength.share
                guard isWrong else { return (clock, false) }
                complain(caller.service, "answer of downstream not understood: missing element", parent, begin)
                return (clock, true)
            }
            let address = style.namesCallees ? "http://\(name):8080" : "downstream"
            complain(
                caller.service, "request to \(address) failed after \(Int(answer.milliseconds)) ms", parent, begin)
            if !isTooLate || attempt == 2 { break }
        }
        return (clock, stream.unit() < 0.85)
    }

    /// What the network makes of a call, and the call itself.
    private mutating func transmit(
        _ number: Int, _ callee: Int, _ caller: Int, at time: Int64, parent: String
    ) -> (milliseconds: Double, failed: Bool) {
        var network = 0.3 + 0.5 * stream.unit()
        if isFaulty && (callee == root || caller == root) {
            switch kind {
            case .delay: network += strength.milliseconds * (0.9 + 0.2 * stream.unit())
            case .loss:
                if stream.unit() < 0.7 * strength.share { network += 200 * (1 + Double(stream.below(3))) }
                if stream.unit() < 0.05 * strength.share { return (3_000, true) }
            case .silence:
                if callee == root { return strength.candour < 0.5 ? (4 + stream.unit(), true) : (2_000, true) }
            default: break
            }
        }
        let answer = serve(number, at: time + Int64(network * 0.5e6), parent: parent)
        return (answer.milliseconds + network, answer.failed)
    }

    // MARK: records

    private mutating func writeMessages(
        _ operation: FaultSystem.Operation, isStruck: Bool, _ span: String, _ time: Int64
    ) {
        for (place, message) in operation.messages.enumerated() where stream.unit() < message.probability {
            // Another way through the code leaves out the last message, and may write one of its own.
            let isOther = isStruck && (kind == .skippedCall || kind == .wrongAnswer) && place > 0
            if isOther { continue }
            log(operation.service, "info", message.text.replacing("$n", with: "\(stream.below(100_000))"), span, time)
        }
        if isStruck && (kind == .skippedCall || kind == .wrongAnswer) && strength.candour > 0.5 {
            log(operation.service, "info", "default used for \(operation.name) of \(stream.below(100_000))", span, time)
        }
    }

    /// Callers complain loudly.
    private mutating func complain(_ service: Int, _ text: String, _ span: String, _ time: Int64) {
        log(service, "error", text, span, time)
        log(service, "error", "org.example.RestClientException: I/O error while waiting", span, time)
        if stream.unit() < 0.5 { log(service, "warn", "giving up work item \(stream.below(1_000_000))", span, time) }
    }

    private mutating func log(_ service: Int, _ level: String, _ text: String, _ span: String, _ time: Int64) {
        var fields = [("service", FaultSystem.serviceNames[service]), ("level", level), ("_msg", text)]
        if style.logsHaveTrace && !span.isEmpty { fields += [("trace_id", trace), ("span_id", span)] }
        rows.append(Row(time: time, number: rows.count, fields: fields))
    }

    private mutating func writeSpan(
        _ operation: FaultSystem.Operation, _ span: String, _ parent: String, _ begin: Int64, _ milliseconds: Double,
        failed: Bool, isCaller: Bool, to callee: String = ""
    ) {
        let duration =
            style.isMicroseconds
            ? ("duration_us", "\(Int(milliseconds * 1_000))")
            : ("duration_ms", "\((milliseconds * 1_000).rounded() / 1_000)")
        var fields = [
            ("service", FaultSystem.serviceNames[operation.service]),
            ("operation", isCaller ? "HTTP to \(callee)" : operation.name), ("kind", isCaller ? "client" : "server"),
            ("trace_id", trace), ("span_id", span), duration, ("status", failed ? "500" : "200"),
        ]
        if !parent.isEmpty { fields.append(("parent_span_id", parent)) }
        let time = style.timeIsEnd ? begin + Int64(milliseconds * 1e6) : begin
        rows.append(Row(time: time, number: rows.count, fields: fields))
    }

    /// What services write without a request; one that restarts says so.
    private mutating func writeBackground(of service: Int) {
        let name = FaultSystem.serviceNames[service]
        for second in 0..<(2 * seconds) {
            isFaulty = second >= seconds
            if isFaulty && kind == .silence && service == root { return }
            let time = start + Int64(second) * 1_000_000_000 + Int64(stream.below(900_000_000))
            if second % 30 == service { log(service, "info", "heartbeat of \(name) sent", "", time) }
            if stream.unit() < 0.004 { log(service, "info", "configuration of \(name) read again", "", time) }
            guard service == root, isFaulty else { continue }
            if kind == .memory && stream.unit() < 0.02 * strength.candour {
                log(service, "warn", "heap nearly full, \(80 + stream.below(20)) % used", "", time)
            }
            if kind == .memory && second == seconds + 300 { log(service, "info", "started \(name) in 12 s", "", time) }
        }
    }

    private mutating func hexadecimal(_ digits: Int) -> String {
        let text = String(stream.next(), radix: 16)
        return String(repeating: "0", count: max(0, 16 - text.count)) + text.prefix(digits)
    }
}
