import Bytes
import Records

extension CorpusWriter {
    /// What is known about the corpus, as JSON: its span, the launch, each fault with onset, cause fields and the
    /// trace ID of an affected request, and the intervals in which all is well. Needs no rows to be written first.
    public var truthJSON: [UInt8] {
        let firstOnset = scenario.faults.map(\.onset).min() ?? scenario.end
        var healthy: [(Int64, Int64)] = [(scenario.start, firstOnset)]
        var harmless: [JSONValue] = []
        if let launch = scenario.launch {
            healthy = [(scenario.start, launch), (launch, firstOnset)]
            harmless.append([
                "what": "traffic grows with the launch", "from": time(launch),
                "factors": .array(scenario.traffic.map { [.number($0.hours), .number($0.factor)] }),
            ])
        }
        let truth: JSONValue = [
            "corpus": .string(scenario.name),
            "summary": .string(scenario.summary),
            "seed": .number(seed),
            "rows": .number(progress.rows),
            "start": time(scenario.start),
            "launch": scenario.launch.map { time($0) } ?? .null,
            "end": time(scenario.end),
            "harmless": .array(harmless),
            "healthy": .array(healthy.map { ["from": time($0.0), "to": time($0.1)] }),
            "faults": .array(scenario.faults.indices.map { describe($0) }),
        ]
        var output = truth.bytes
        output.append(UInt8(ascii: "\n"))
        return output
    }

    private func describe(_ index: Int) -> JSONValue {
        let fault = scenario.faults[index]
        let trace = RequestEngine.exampleTrace(fault: index, seed: engineSeed)
        var example: [UInt8] = []
        appendHexadecimal(trace.0, digits: 16, to: &example)
        appendHexadecimal(trace.1, digits: 16, to: &example)
        return [
            "what": .string(fault.summary),
            "onset": time(fault.onset),
            "field": .string(fault.field ?? (fault.quantity == .database ? "db.duration_ms" : "duration_ms")),
            "growthPerHour": .number(fault.growthPerHour),
            "share": .number(fault.probability),
            "cause": cause(fault),
            "abandonedFlows": .strings(fault.abandonedFlows),
            "exampleTrace": .string(String(decoding: example, as: UTF8.self)),
        ]
    }

    private func cause(_ fault: Scenario.Fault) -> JSONValue {
        let conditions = [(fault.variable, fault.values)] + fault.also.map { ($0.variable, $0.values) }
        return .object(
            [JSONMember("service", [.string(fault.service)])]
                + conditions.map { JSONMember($0.0, .strings($0.1)) })
    }

    private func time(_ nanoseconds: Int64) -> JSONValue {
        .string(Timestamp(nanoseconds: nanoseconds).description)
    }
}
