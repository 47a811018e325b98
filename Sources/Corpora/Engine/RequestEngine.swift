import Bytes

/// Plays requests: walks the spans of a flow, draws their times and outcomes, and writes one row a span.
struct RequestEngine: Sendable {
    let program: Program
    var queue = RowQueue()
    var clock: ArrivalClock
    private(set) var rowsMade = 0

    private let rows: Int
    private let disorder: Int
    private let seed: UInt64
    private var random: RandomStream
    private var timeText = TimeText()

    // The request that is being played.
    private var trace: (UInt64, UInt64) = (0, 0)
    private var values: [Int64]
    /// By fault: how much longer the request's affected times take; 1 if it is not affected.
    private var growth: [Double]
    /// By fault: whether it strikes the request.
    private var isStruck: [Bool]
    private var examplesGiven: [Bool]

    /// An example must be well into the fault to show it.
    private static let exampleDelay: Int64 = 12 * 3_600_000_000_000

    init(_ scenario: Scenario, _ program: Program, rows: Int, seed: UInt64) {
        self.program = program
        self.rows = rows
        self.seed = seed
        disorder = scenario.disorderMilliseconds
        clock = ArrivalClock(
            scenario, rows: rows, rowsPerRequest: program.rowsPerRequest, shareOfHour: program.shareOfHour, seed: seed)
        random = RandomStream(seed: seed &* 0xD129_0D3B_32B2_5A27 &+ 1)
        values = [Int64](repeating: 0, count: program.variables.count)
        growth = [Double](repeating: 1, count: program.faults.count)
        isStruck = [Bool](repeating: false, count: program.faults.count)
        examplesGiven = [Bool](repeating: false, count: program.faults.count)
    }

    /// The trace ID that the example of a fault gets.
    static func exampleTrace(fault: Int, seed: UInt64) -> (UInt64, UInt64) {
        var stream = RandomStream(seed: seed ^ 0x6578_616D_706C_6521 ^ UInt64(fault) << 32)
        return (stream.next(), stream.next())
    }

    /// Plays one request, or none if its user gave up. O(spans).
    mutating func makeRequest() {
        clock.advance(remainingRows: rows - rowsMade, &random)
        let flow = program.flowTable.draw(&random)
        guard program.flows[flow].hours.contains(Int(clock.now / 3_600_000_000_000 % 24)) else { return }
        for variable in program.flows[flow].variables { values[variable] = draw(variable) }
        for fault in program.faults.indices { strike(fault, flow: flow) }
        for fault in program.flows[flow].abandoningFaults where growth[fault] > 1 {
            let probability = program.faults[fault].abandonElasticity * (growth[fault] - 1)
            if random.unit() < probability { return }
        }
        trace = (random.next(), random.next())
        let example = program.flows[flow].exampleOf
        if example >= 0, !examplesGiven[example], isStruck[example],
            clock.now >= program.faults[example].onset + Self.exampleDelay
        {
            examplesGiven[example] = true
            trace = Self.exampleTrace(fault: example, seed: seed)
        }
        _ = play(program.flows[flow].root, start: 0, parent: 0)
    }

    /// Decides whether a fault strikes the request, how much it stretches, and draws what it draws otherwise.
    private mutating func strike(_ fault: Int, flow: Int) {
        isStruck[fault] = false
        growth[fault] = 1
        guard clock.now >= program.faults[fault].onset, program.flows[flow].faults.contains(fault) else { return }
        for (variable, isAffected) in program.faults[fault].conditions where !isAffected[Int(values[variable])] {
            return
        }
        if let threshold = program.faults[fault].threshold, !random.happens(threshold) { return }
        isStruck[fault] = true
        let hours = Double(clock.now - program.faults[fault].onset) / 3_600e9
        growth[fault] = exponential(hours * program.faults[fault].logGrowthPerHour)
        for (variable, other) in program.faults[fault].replacements { values[variable] = draw(other) }
    }

    /// Plays a span and those that it calls; `start` in microseconds after the request's beginning. Returns how long it
    /// took, in microseconds, and whether it failed.
    private mutating func play(_ index: Int, start: Int64, parent: UInt64) -> (microseconds: Int64, hasFailed: Bool) {
        let step = program.steps[index]
        let span = random.next()
        var variant = step.normal
        if step.otherCount > 0 { variant = outcome(of: step) }
        let factor = program.variants[variant].factor
        let growth = step.fault >= 0 ? self.growth[step.fault] : 1
        let ownGrowth = step.faultStretchesDatabase ? 1 : growth
        let own = step.duration.sample(program.tables, &random) * factor * ownGrowth
        var database: Int64 = 0
        if let model = step.database {
            let stretch = step.faultStretchesDatabase ? growth : 1
            database = Int64(model.sample(program.tables, &random) * factor * stretch)
        }
        var end = start + Int64(own / 2) + database
        var hasFailed = program.variants[variant].fails
        var call = hasFailed ? -1 : step.firstCall
        while call >= 0 {
            let callee = program.steps[call]
            if random.happens(callee.threshold) {
                let result = play(call, start: end, parent: span)
                end += result.microseconds
                if result.hasFailed && !callee.isOptional && step.failure >= 0 {
                    variant = step.failure
                    hasFailed = program.variants[variant].fails
                    break
                }
            }
            call = callee.nextCall
        }
        end += Int64(own / 2) + 1
        write(variant, step.service, end: end, duration: end - start, database: database, span: span, parent: parent)
        return (end - start, hasFailed)
    }

    private mutating func outcome(of step: Program.Step) -> Int {
        var place = random.next()
        for other in step.firstOther..<(step.firstOther + step.otherCount) {
            let fault = program.variants[other].fault
            if fault >= 0 && isStruck[fault] { return other }
        }
        for other in step.firstOther..<(step.firstOther + step.otherCount) {
            let threshold = program.variants[other].threshold
            if place < threshold { return other }
            place -= threshold
        }
        return step.normal
    }

    private mutating func write(
        _ variant: Int, _ service: Int, end: Int64, duration: Int64, database: Int64, span: UInt64, parent: UInt64
    ) {
        guard rowsMade < rows else { return }
        rowsMade += 1
        let time = clock.now + end * 1_000 + Int64(random.below(1_000))
        let definition = program.services[service]
        let pod = program.pods[definition.firstPod + (definition.podCount > 1 ? random.below(definition.podCount) : 0)]
        let choice = program.variants[variant]
        let line = program.lines[choice.firstLine + (choice.lineCount > 1 ? random.below(choice.lineCount) : 0)]
        let offset = queue.arena.count
        for index in line.firstOp..<line.endOp {
            let op = program.ops[index]
            append(op.text)
            switch op.slot {
            case .none: break
            case .time: timeText.append(time, digits: definition.timeDigits, to: &queue.arena)
            case .pod: append(pod)
            case .trace:
                appendHexadecimal(trace.0, digits: 16, to: &queue.arena)
                appendHexadecimal(trace.1, digits: 16, to: &queue.arena)
            case .span: appendHexadecimal(span, digits: 16, to: &queue.arena)
            case .parent: appendHexadecimal(parent, digits: 16, to: &queue.arena)
            case .duration: appendMilliseconds(duration, to: &queue.arena)
            case .database: appendMilliseconds(database, to: &queue.arena)
            case .variable(let variable): append(variable: variable)
            }
        }
        // Agents deliver most rows at once and some late.
        let delay = disorder > 0 && random.next() & 3 == 0 ? Int64(random.below(disorder)) * 1_000_000 : 0
        queue.add(from: offset, delivery: time + delay)
    }

    @inline(__always)
    private mutating func append(_ text: Program.Text) {
        // A span of `self` would keep the arena from being written.
        let literals = program.literals
        queue.arena.append(copying: literals.rawSpan.slice(text.offset, text.length))
    }

    private mutating func draw(_ variable: Int) -> Int64 {
        switch program.variables[variable].kind {
        case .choice(_, let table): return Int64(table.draw(&random))
        case .integer(let from, let range, let skew):
            let unit = random.unit()
            var power = unit
            for _ in 1..<skew { power *= unit }
            return from + Int64(power * range)
        case .decimal(let median, let table, _): return Int64(median * program.tables.sample(table, &random))
        case .hexadecimal, .uuid: return Int64(bitPattern: random.next())
        case .address: return 0
        }
    }

    private mutating func append(variable: Int) {
        let definition = program.variables[variable]
        let value = definition.isPerRequest ? values[variable] : draw(variable)
        switch definition.kind {
        case .choice(let first, _): append(program.choices[first + Int(value)])
        case .integer: appendInteger(value, to: &queue.arena)
        case .decimal(_, _, let digits): appendDecimal(value, digits: digits, to: &queue.arena)
        case .hexadecimal(let digits):
            appendHexadecimal(UInt64(bitPattern: value), digits: digits, to: &queue.arena)
        case .uuid: appendUUID(UInt64(bitPattern: value), to: &queue.arena)
        case .address(let owner): appendAddress(ownedBy: values[owner])
        }
    }

    /// A public-looking IPv4 address, always the same for one owner.
    private mutating func appendAddress(ownedBy owner: Int64) {
        var stream = RandomStream(seed: UInt64(bitPattern: owner))
        let bits = stream.next()
        appendInteger(Int64(11 + bits % 180), to: &queue.arena)
        queue.arena.append(UInt8(ascii: "."))
        appendInteger(Int64(bits >> 8 & 0xFF), to: &queue.arena)
        queue.arena.append(UInt8(ascii: "."))
        appendInteger(Int64(bits >> 16 & 0xFF), to: &queue.arena)
        queue.arena.append(UInt8(ascii: "."))
        appendInteger(Int64(1 + (bits >> 24) % 254), to: &queue.arena)
    }
}
