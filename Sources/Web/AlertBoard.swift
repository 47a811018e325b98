/// What the page and `/api/v1/alerts` show of the alerts; the alerting service stands behind it.
public protocol AlertBoard: Sendable {
    func alerts() async -> [AlertView]
    func incidents() async -> [IncidentView]
}

/// One alert as it stands.
public struct AlertView: Sendable {
    public var name: String
    /// `pending`, `firing` or `resolved`.
    public var state: String
    /// Nanoseconds since the epoch.
    public var activeAt: Int64
    public var labels: [(String, String)]
    public var annotations: [(String, String)]

    public init(
        name: String, state: String, activeAt: Int64, labels: [(String, String)], annotations: [(String, String)]
    ) {
        self.name = name
        self.state = state
        self.activeAt = activeAt
        self.labels = labels
        self.annotations = annotations
    }
}

/// One incident as it stands; times in nanoseconds since the epoch.
public struct IncidentView: Sendable {
    public var id: String
    public var title: String
    public var state: String
    public var onset: Int64
    public var detectedAt: Int64
    public var resolvedAt: Int64?

    public init(id: String, title: String, state: String, onset: Int64, detectedAt: Int64, resolvedAt: Int64?) {
        self.id = id
        self.title = title
        self.state = state
        self.onset = onset
        self.detectedAt = detectedAt
        self.resolvedAt = resolvedAt
    }
}
