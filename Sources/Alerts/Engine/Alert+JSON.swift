import Records

extension Alert {
    /// How the alert is kept on disk; `init(stored:)` reads it back. Times are nanoseconds.
    var stored: JSONValue {
        .object(present: [
            ("key", .string(key)), ("rule", .string(ruleKey)), ("name", .string(name)), ("group", .string(group)),
            ("labels", .labels(labels)), ("annotations", .labels(annotations)), ("state", .string(state.rawValue)),
            ("activeAt", .number(activeAt)), ("firedAt", firedAt.map { .number($0) }),
            ("resolvedAt", resolvedAt.map { .number($0) }), ("lastHeldAt", .number(lastHeldAt)),
            ("isHolding", .bool(isHolding)), ("value", .number(value)), ("evidence", evidence?.stored),
        ])
    }

    init?(stored json: JSONValue) {
        guard let key = json["key"]?.text, let rule = json["rule"]?.text, let name = json["name"]?.text,
            let group = json["group"]?.text, let labels = json["labels"]?.labels,
            let annotations = json["annotations"]?.labels, let state = json["state"]?.text.flatMap(State.init),
            let activeAt = json["activeAt"]?.integer, let lastHeldAt = json["lastHeldAt"]?.integer,
            let isHolding = json["isHolding"]?.flag
        else { return nil }
        self.init(
            key: key, ruleKey: rule, name: name, group: group, labels: labels, annotations: annotations, state: state,
            activeAt: activeAt, firedAt: json["firedAt"]?.integer, resolvedAt: json["resolvedAt"]?.integer,
            lastHeldAt: lastHeldAt, isHolding: isHolding, value: json["value"]?.double ?? .nan,
            evidence: json["evidence"].map { AlertEvidence(stored: $0) })
    }

    /// How the alert is shown on `/api/v1/alerts`: Prometheus' members first, ours after them.
    public var json: JSONValue {
        .object(present: [
            ("labels", .labels(labels)), ("annotations", .labels(annotations)), ("state", .string(state.rawValue)),
            ("activeAt", .time(activeAt)), ("value", .string(NumberText.plain(value))),
            ("fingerprint", .string(fingerprint)), ("group", .string(group)),
            ("firedAt", firedAt.map { .time($0) }), ("resolvedAt", resolvedAt.map { .time($0) }),
            ("onset", .time(onset)), ("detectedAt", .time(detectedAt)), ("evidence", evidence?.json),
        ])
    }
}

extension AlertEvidence {
    var stored: JSONValue {
        .object(present: [
            ("finding", findingID.map { .string($0) }), ("title", .string(title)), ("series", .string(series)),
            ("kind", .string(kind)), ("onset", onset.map { .number($0) }),
            ("detectedAt", detectedAt.map { .number($0) }), ("endedAt", endedAt.map { .number($0) }),
            ("observed", observed.map { .number($0) }), ("expectedLow", expectedLow.map { .number($0) }),
            ("expectedHigh", expectedHigh.map { .number($0) }), ("score", score.map { .number($0) }),
            ("causes", .array(causes.map(\.json))),
            (
                "samples",
                .array(
                    samples.map { sample in
                        .object(present: [
                            ("time", .number(sample.time)), ("line", .string(sample.line)),
                            ("traceID", sample.traceID.map { .string($0) }),
                        ])
                    })
            ),
            ("traceIDs", .strings(traceIDs)), ("link", .string(link)),
        ])
    }

    init(stored json: JSONValue) {
        findingID = json["finding"]?.text
        title = json["title"]?.text ?? ""
        series = json["series"]?.text ?? ""
        kind = json["kind"]?.text ?? ""
        onset = json["onset"]?.integer
        detectedAt = json["detectedAt"]?.integer
        endedAt = json["endedAt"]?.integer
        observed = json["observed"]?.double
        expectedLow = json["expectedLow"]?.double
        expectedHigh = json["expectedHigh"]?.double
        score = json["score"]?.double
        causes = (json["causes"]?.elements ?? []).map { cause in
            FindingNotice.Cause(
                what: cause["what"]?.text ?? "", evidence: cause["evidence"]?.text ?? "",
                weight: cause["weight"]?.double ?? 0)
        }
        samples = (json["samples"]?.elements ?? []).compactMap { sample in
            guard let time = sample["time"]?.integer, let line = sample["line"]?.text else { return nil }
            return SampleLine(time: time, line: line, traceID: sample["traceID"]?.text)
        }
        traceIDs = (json["traceIDs"]?.elements ?? []).compactMap(\.text)
        link = json["link"]?.text ?? ""
    }

    /// Our members of a notification's alert and of `/api/v1/alerts`.
    public var json: JSONValue { .object(fields(externalURL: "")) }

    func fields(externalURL: String) -> [JSONMember] {
        var expected: JSONValue?
        if let expectedLow, let expectedHigh {
            expected = ["low": .number(expectedLow), "high": .number(expectedHigh)]
        }
        let samples = JSONValue.array(
            self.samples.map { sample in
                .object(present: [
                    ("time", .time(sample.time)), ("line", .string(sample.line)),
                    ("traceID", sample.traceID.map { .string($0) }),
                ])
            })
        let all: [(String, JSONValue?)] = [
            ("finding", findingID.map { .string($0) }), ("title", title.isEmpty ? nil : .string(title)),
            ("series", series.isEmpty ? nil : .string(series)), ("kind", kind.isEmpty ? nil : .string(kind)),
            ("onset", onset.map { .time($0) }), ("detectedAt", detectedAt.map { .time($0) }),
            ("observed", observed.map { .number($0) }), ("expected", expected),
            ("score", score.map { .number($0) }), ("causes", .array(causes.map(\.json))), ("samples", samples),
            ("traceIDs", .strings(traceIDs)),
            ("link", link.isEmpty ? nil : .string(link.hasPrefix("/") ? externalURL + link : link)),
        ]
        return all.compactMap { name, value in value.map { JSONMember(name, $0) } }
    }
}

extension FindingNotice.Cause {
    var json: JSONValue {
        ["what": .string(what), "evidence": .string(evidence), "weight": .number(weight)]
    }
}
