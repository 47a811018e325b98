/// A made microservice system: services in layers, their operations, and what each operation calls.
///
/// Drawn from a seed, so that whoever measures with many seeds measures with many systems.
struct FaultSystem {
    /// One operation of a service.
    struct Operation {
        var service: Int
        var name: String
        /// Own time: the median in milliseconds and the sigma of its logarithm.
        var medianMilliseconds: Double
        var sigma: Double
        /// Operations called one after another, each with how often.
        var calls: [(operation: Int, probability: Double)] = []
        /// Messages that it logs when all is well, each with how often.
        var messages: [(text: String, probability: Double)] = []
        /// How often it fails when all is well.
        var failureRate = 0.0
    }

    static let serviceNames = [
        "gateway", "travel", "travel-plan", "booking", "preserve", "order", "order-other", "rebook", "cancel", "seat",
        "ticket-info", "basic", "route", "route-plan", "train", "station", "price", "config", "contacts", "assurance",
        "food", "consign", "security", "payment", "inside-payment", "user", "verification",
    ]

    private(set) var operations: [Operation] = []
    /// Operations of the gateway, which requests begin with, and how often each is asked for.
    private(set) var entries: [(operation: Int, weight: Double)] = []
    /// Services that pause now and then, when all is well too.
    private(set) var pausing: Set<Int> = []

    init(stream: inout RandomStream) {
        let count = Self.serviceNames.count
        var ofService = [[Int]](repeating: [], count: count)
        // From the leaves up: an operation calls only services behind its own.
        for service in stride(from: count - 1, through: 0, by: -1) {
            for number in 0..<(service == 0 ? 9 : 1 + stream.below(4)) {
                ofService[service].append(operations.count)
                var operation = Self.operation(service, number, &stream)
                operation.calls = calls(of: service, ofService, &stream)
                operations.append(operation)
            }
            if stream.unit() < 0.12 { pausing.insert(service) }
        }
        entries = ofService[0].map { ($0, 0.5 + 2 * stream.unit()) }
    }

    private static func operation(_ service: Int, _ number: Int, _ stream: inout RandomStream) -> Operation {
        let verbs = ["query", "find", "create", "update", "check"]
        let nouns = ["items", "details", "quota", "list", "entry"]
        let verb = verbs[(number + service) % verbs.count]
        let noun = nouns[(number * 3 + service) % nouns.count]
        var operation = Operation(
            service: service, name: "\(verb == "create" ? "POST" : "GET") /\(serviceNames[service])/\(noun)/\(number)",
            medianMilliseconds: 0.6 * stream.power(30), sigma: 0.25 + 0.4 * stream.unit())
        let name = serviceNames[service].replacing("-", with: " ")
        operation.messages = [("[\(name)][\(verb)] \(noun) of account $n requested", 1)]
        if stream.unit() < 0.7 { operation.messages.append(("[\(name)] \(noun) $n read from store, $n rows", 0.9)) }
        if stream.unit() < 0.4 { operation.messages.append(("cache miss for key \(noun):$n", 0.2)) }
        if stream.unit() < 0.25 { operation.failureRate = 0.01 * stream.unit() }
        return operation
    }

    private func calls(of service: Int, _ ofService: [[Int]], _ stream: inout RandomStream) -> [(Int, Double)] {
        let last = Self.serviceNames.count - 1
        guard service < last - 5 else { return [] }
        let wanted = service == 0 ? 1 + stream.below(3) : [0, 1, 1, 2, 2, 3][stream.below(6)]
        var calls: [(Int, Double)] = []
        var seen: Set<Int> = []
        for _ in 0..<wanted {
            let reach = service == 0 ? 12 : min(last - service, 10)
            let callee = min(last, service + 1 + stream.below(reach))
            guard seen.insert(callee).inserted, let operation = stream.element(of: ofService[callee]) else { continue }
            calls.append((operation, stream.unit() < 0.75 ? 1 : 0.3 + 0.6 * stream.unit()))
        }
        return calls
    }

    /// How often each service is asked a request, for the choice of one that a fault can be seen in.
    func visitsPerRequest() -> [Double] {
        var visits = [Double](repeating: 0, count: operations.count)
        let total = entries.reduce(0) { $0 + $1.weight }
        for entry in entries { visits[entry.operation] += entry.weight / total }
        // Callers come after those that they call, so that going backwards adds everything up once.
        for operation in operations.indices.reversed() {
            for call in operations[operation].calls { visits[call.operation] += visits[operation] * call.probability }
        }
        var byService = [Double](repeating: 0, count: Self.serviceNames.count)
        for operation in operations.indices { byService[operations[operation].service] += visits[operation] }
        return byService
    }
}

extension RandomStream {
    /// 1…`limit`, even in the logarithm.
    mutating func power(_ limit: Double) -> Double { exponential(unit() * logarithm(limit)) }

    /// Nearly a normal deviate: the sum of twelve even ones. The same bits on every machine.
    mutating func normal() -> Double { (0..<12).reduce(-6) { sum, _ in sum + unit() } }

    mutating func element<Element>(of elements: [Element]) -> Element? {
        elements.isEmpty ? nil : elements[below(elements.count)]
    }
}
