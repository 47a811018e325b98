/// Which findings a rule is about. What is left out matches everything.
public struct DeviationCondition: Hashable, Sendable {
    /// Kinds of deviation, any of which.
    public var kinds: [String] = []
    public var services: [String] = []
    /// Score at least this, 0…1.
    public var minimumScore = 0.0
    /// Words that the series' name must contain, all of them.
    public var series: [String] = []
    /// Labels of the series that must have one of these values.
    public var labels: [String: [String]] = [:]

    public init() {}

    public func matches(_ notice: FindingNotice) -> Bool {
        guard notice.score >= minimumScore else { return false }
        guard kinds.isEmpty || kinds.contains(notice.kind) else { return false }
        guard services.isEmpty || services.contains(notice.labels["service"] ?? "") else { return false }
        guard series.allSatisfy({ notice.series.contains($0) }) else { return false }
        return labels.allSatisfy { $0.value.contains(notice.labels[$0.key] ?? "") }
    }
}
