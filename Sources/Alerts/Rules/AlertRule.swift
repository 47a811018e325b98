/// One alerting rule.
public struct AlertRule: Sendable {
    /// What makes it true.
    public enum Source: Sendable {
        /// LogsQL with a `stats` pipe; each row of the answer is an instance of the alert.
        case query(String)
        /// Findings of the watching layer that fit; each is an instance of the alert.
        case deviation(DeviationCondition)
    }

    public var name: String
    public var source: Source
    var isOnDeviations: Bool { if case .deviation = source { true } else { false } }
    /// How long it must hold before it fires, nanoseconds.
    public var forNanoseconds: Int64
    /// How long it goes on firing after it stopped holding, nanoseconds.
    public var keepFiringNanoseconds: Int64
    public var labels: [TemplatedPair]
    public var annotations: [TemplatedPair]
    /// Where it stands.
    public var file: String
    public var line: Int
    /// File, group, name and static labels: the same after a restart or a reload, so that state finds its rule.
    public internal(set) var key: String = ""
}

/// A label or annotation whose value may contain `{{ … }}`.
public struct TemplatedPair: Sendable {
    public var name: String
    public var template: AlertTemplate

    public init(name: String, template: AlertTemplate) {
        self.name = name
        self.template = template
    }
}

/// Rules that are evaluated together.
public struct RuleGroup: Sendable {
    public var name: String
    /// Where it stands; groups of one name in several files are different groups.
    public var file: String
    /// Nanoseconds between evaluations.
    public var interval: Int64
    /// Evaluations happen at multiples of `interval`, plus this, since the epoch.
    public var offset: Int64
    /// Instances that one rule may have at once; 0 for no limit but `AlertLimits.activeAlerts`. A rule with more is in
    /// error, and its answer is not used.
    public var limit: Int
    public var rules: [AlertRule]
}

/// The rules of one file, or of several put together.
public struct RuleSet: Sendable {
    public var groups: [RuleGroup]

    public init(groups: [RuleGroup]) { self.groups = groups }

    /// What runs when there is no rule file: every finding alerts.
    public static let standard: RuleSet = {
        let text = """
            groups:
              - name: plumbline
                rules:
                  - alert: Deviation
                    deviation: {}
                    labels: {severity: warning}
                    annotations:
                      summary: "{{ $title }}"
                      description: >-
                        observed {{ $value | humanize }}, expected {{ $expectedLow | humanize }} to
                        {{ $expectedHigh | humanize }}, since {{ $onset }}
            """
        do { return try RuleSet(parsing: Array(text.utf8), file: "standard rules") } catch {
            preconditionFailure("the standard rules are wrong: \(error)")
        }
    }()

    /// Several files as one set. Two groups of the same name in different files stay apart.
    public init(merging sets: [RuleSet]) { groups = sets.flatMap(\.groups) }

    /// This set and, unless it has rules on deviations of its own, the standard one: a threshold that somebody adds
    /// must not silence what is found without it.
    public func withStandard() -> RuleSet {
        let hasOwn = groups.contains { $0.rules.contains(where: \.isOnDeviations) }
        return hasOwn ? self : RuleSet(groups: groups + Self.standard.groups)
    }
}
