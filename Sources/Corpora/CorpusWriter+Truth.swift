import Bytes
import Records

extension CorpusWriter {
    /// What is known about the corpus, as JSON: its span, the launch, each fault with onset, cause fields and the
    /// trace ID of an affected request, and the intervals in which all is well. Needs no rows to be written first.
    public var truthJSON: [UInt8] {
        let firstOnset = scenario.faults.map(\.onset).min() ?? scenario.end
        let truth: JSONValue = [
            "corpus": .string(scenario.name),
            "summary": .string(scenario.summary),
            "seed": .number(seed),
            "rows": .number(progress.rows),
            "start": time(scenario.start),
            "launch": time(scenario.launch),
            "end": time(scenario.end),
            "harmless": [
                [
                    "what": "traffic grows with the launch", "from": time(scenario.launch),
                    "factors": .array(scenario.traffic.map { [.number($0.hours), .number($0.factor)] }),
                ]
            ],
            "healthy": [
                ["from": time(scenario.start), "to": time(scenario.launch)],
                ["from": time(scenario.launch), "to": time(firstOnset)],
            ],
            "faults": .array(scenario.faults.indices.map { describe($0) }),
        ]
        var output = truth.bytes
        output.append(UInt8(ascii: "\n"))
        return output
    }

    private func describe(_ index: Int) -> JSONValue {
        let fault = scenario.faults[index]
        let trace = RequestEngine.exampleTrace(fault: index, seed: seed)
        var example: [UInt8] = []
        appendHexadecimal(trace.0, digits: 16, to: &example)
        appendHexadecimal(trace.1, digits: 16, to: &example)
        return [
            "what": .string(fault.summary),
            "onset": time(fault.onset),
            "field": .string(fault.quantity == .database ? "db.duration_ms" : "duration_ms"),
            "growthPerHour": .number(fault.growthPerHour),
            "cause": ["service": [.string(fault.service)], fault.variable: .strings(fault.values)],
            "abandonedFlows": .strings(fault.abandonedFlows),
            "exampleTrace": .string(String(decoding: example, as: UTF8.self)),
        ]
    }

    private func time(_ nanoseconds: Int64) -> JSONValue {
        .string(Timestamp(nanoseconds: nanoseconds).description)
    }
}
