import Records

extension Explanation {
    /// As `/api/v1/explain` answers and `plumb explain --format json` prints.
    public var json: JSONValue {
        [
            "window": Self.range(window), "baseline": Self.range(baseline), "records": .number(records),
            "baseline_records": .number(baselineRecords), "sampled_share": Self.rounded(sampledShare),
            "causes": .array(causes.map(\.json)),
            "services": .array(suspects.map(\.json)),
            "changes": .array(changes.map(\.json)),
        ]
    }

    private static func range(_ range: Range<Int64>) -> JSONValue {
        [
            "from": .string(Timestamp(nanoseconds: range.lowerBound).description),
            "to": .string(Timestamp(nanoseconds: range.upperBound).description),
        ]
    }

    /// Four digits behind the point are enough for what is estimated.
    static func rounded(_ number: Double) -> JSONValue {
        guard number.isFinite else { return .null }
        return .number("\((number * 10_000).rounded() / 10_000)")
    }

    static func object(_ items: [Item]) -> JSONValue {
        .object(items.map { JSONMember($0.field, .string($0.value)) })
    }
}

extension Explanation.Cause {
    var json: JSONValue {
        [
            "service": .string(service), "fields": Explanation.object(items), "weight": Explanation.rounded(weight),
            "evidence": .string(reasons.joined(separator: "; ")), "reasons": .strings(reasons),
            "samples": .array(
                samples.map { sample in
                    [
                        "time": .string(Timestamp(nanoseconds: sample.time).description),
                        "service": .string(sample.service), "line": .string(sample.message),
                        "trace_id": .string(sample.traceID),
                    ]
                }),
            "trace_ids": .strings(traceIDs),
        ]
    }
}

extension Explanation.Suspect {
    var json: JSONValue {
        [
            "service": .string(service), "score": Explanation.rounded(score),
            "slowness": Explanation.rounded(slowness), "errors": Explanation.rounded(errors),
            "missing_calls": Explanation.rounded(missingCalls), "messages": Explanation.rounded(messages),
            "amounts": Explanation.rounded(amounts),
        ]
    }
}

extension Explanation.Change {
    var json: JSONValue {
        [
            "fields": Explanation.object(items), "measure": .string(measure), "before": Explanation.rounded(before),
            "after": Explanation.rounded(after), "records": .number(records),
            "statistic": Explanation.rounded(statistic),
        ]
    }
}
