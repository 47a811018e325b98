import Bytes

/// One instance of a rule: the rule held for these labels.
public struct Alert: Hashable, Sendable {
    public enum State: String, Sendable {
        /// It holds, but not yet for long enough.
        case pending
        case firing
        case resolved
    }

    /// Names the instance: rule key and identity. A later instance of the same rule and labels has the same key and
    /// another `activeAt`.
    public var key: String
    public var ruleKey: String
    public var name: String
    public var group: String
    /// `alertname` among them. They stay as they were when the alert became active.
    public var labels: [String: String]
    public var annotations: [String: String]
    public var state: State
    /// When it began to hold, nanoseconds since the epoch, as are the times below.
    public var activeAt: Int64
    public var firedAt: Int64?
    public var resolvedAt: Int64?
    /// When it was last seen to hold.
    public var lastHeldAt: Int64
    public var isHolding: Bool
    public var value: Double
    public var evidence: AlertEvidence?

    /// Sixteen hex digits that depend on the labels alone, as Alertmanager has them.
    public var fingerprint: String { Self.fingerprint(labels) }

    static func fingerprint(_ labels: [String: String]) -> String {
        var text: [UInt8] = []
        for (name, value) in labels.sorted(by: { $0.key < $1.key }) {
            text.append(contentsOf: name.utf8)
            text.append(0xFF)
            text.append(contentsOf: value.utf8)
            text.append(0xFF)
        }
        let hash = String(hash64(text.rawSpan), radix: 16)
        return String(repeating: "0", count: 16 - hash.utf8.count) + hash
    }

    /// Event time of the onset where it is known, otherwise when the alert began to hold.
    public var onset: Int64 { evidence?.onset ?? activeAt }
    /// When it was noticed, on the same clock as `onset`.
    public var detectedAt: Int64 { evidence?.detectedAt ?? firedAt ?? activeAt }
    /// When it was over, on the same clock as `onset`; nil while it is not.
    public var endedAt: Int64? { resolvedAt.map { evidence?.endedAt ?? $0 } }
}

/// What speaks for an alert: shown with it, sent with it.
public struct AlertEvidence: Hashable, Sendable {
    public var findingID: String?
    public var title: String = ""
    public var series: String = ""
    public var kind: String = ""
    public var onset: Int64?
    public var detectedAt: Int64?
    public var endedAt: Int64?
    public var observed: Double?
    public var expectedLow: Double?
    public var expectedHigh: Double?
    public var score: Double?
    public var causes: [FindingNotice.Cause] = []
    public var samples: [SampleLine] = []
    public var traceIDs: [String] = []
    public var link: String = ""

    public init() {}

    init(_ notice: FindingNotice) {
        findingID = notice.id
        title = notice.title
        series = notice.series
        kind = notice.kind
        onset = notice.onset
        detectedAt = notice.detectedAt
        endedAt = notice.resolvedAt
        observed = notice.observed
        expectedLow = notice.expectedLow
        expectedHigh = notice.expectedHigh
        score = notice.score
        causes = notice.causes
        traceIDs = Array(notice.traceIDs.prefix(AlertLimits.traceIDs))
        link = notice.link
        setSamples(notice.samples)
    }

    /// Keeps the first few lines, each cut to its limit, and their trace IDs if no others are known.
    mutating func setSamples(_ lines: [SampleLine]) {
        samples = lines.prefix(AlertLimits.sampleLines).map { line in
            guard line.line.utf8.count > AlertLimits.sampleLineBytes else { return line }
            var cut = line
            cut.line = String(decoding: line.line.utf8.prefix(AlertLimits.sampleLineBytes), as: UTF8.self) + "…"
            return cut
        }
        guard traceIDs.isEmpty else { return }
        for case let trace? in lines.map(\.traceID) where !traceIDs.contains(trace) {
            if traceIDs.count < AlertLimits.traceIDs { traceIDs.append(trace) }
        }
    }
}

/// What the engine did, for those who keep, notify and count.
public enum AlertAction: Hashable, Sendable {
    /// Began to hold.
    case pending(Alert)
    case fired(Alert)
    /// Still pending or firing; value or evidence changed.
    case updated(Alert)
    case resolved(Alert)
    /// Stopped holding before it fired.
    case dropped(Alert)

    public var alert: Alert {
        switch self {
        case .pending(let alert), .fired(let alert), .updated(let alert), .resolved(let alert), .dropped(let alert):
            alert
        }
    }
}

/// How a rule fares.
public struct RuleHealth: Hashable, Sendable {
    /// Nanoseconds since the epoch; nil before the first evaluation.
    public var evaluatedAt: Int64?
    public var durationNanoseconds: Int64 = 0
    public var samples = 0
    /// What went wrong the last time; nil if nothing did.
    public var error: String?
    public var errors = 0
}
