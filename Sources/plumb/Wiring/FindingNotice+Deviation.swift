import Alerts
import Deviations

extension FindingNotice {
    /// What alerts are told of a finding.
    init(_ one: Deviation) {
        var labels = Dictionary(one.series.labels.map { ($0.name, $0.value) }, uniquingKeysWith: { first, _ in first })
        labels["kind"] = one.kind.rawValue
        var seen: Set<String> = []
        self.init(
            id: one.id, kind: one.kind.rawValue, title: one.title, series: one.series.description, labels: labels,
            onset: one.onset, detectedAt: one.detectedAt, resolvedAt: one.resolvedAt, observed: one.observed,
            expectedLow: one.expectedLow, expectedHigh: one.expectedHigh, score: one.score,
            causes: one.causes.map { cause in
                let owner = cause.service.isEmpty ? one.series.service : cause.service
                let service = owner.isEmpty || cause.field == "service" ? "" : "service=\(owner) "
                let role =
                    switch cause.role {
                    case .place: ""
                    case .caller: " (fails because of it)"
                    case .companion: " (came with it)"
                    }
                return Cause(
                    what: "\(service)\(cause.field)=\(cause.value)\(role)", evidence: Self.evidence(of: cause),
                    weight: cause.evidence)
            },
            samples: one.samples.map {
                SampleLine(time: $0.time, line: $0.message, traceID: $0.traceID.isEmpty ? nil : $0.traceID)
            },
            traceIDs: one.samples.map(\.traceID).filter { !$0.isEmpty && seen.insert($0).inserted },
            link: "/#finding=\(one.id)")
    }

    private static func evidence(of cause: Deviation.Cause) -> String {
        func percent(_ ratio: Double) -> String {
            guard ratio.isFinite else { return "?" }
            return (ratio < 1 ? "−" : "+") + Numbers.short(abs(ratio - 1) * 100) + " %"
        }
        return "\(percent(cause.change)), elsewhere \(percent(cause.changeElsewhere)); "
            + "\(Numbers.short(cause.evidence)) standard errors over \(Numbers.short(cause.rows)) records"
    }
}
