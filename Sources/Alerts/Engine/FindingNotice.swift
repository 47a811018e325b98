/// What the watching layer says about one finding, each time that it changes. A struct of this module's own, so that
/// alerts do not depend on how deviations are found.
public struct FindingNotice: Hashable, Sendable {
    /// A likely cause and what speaks for it.
    public struct Cause: Hashable, Sendable {
        /// For example `service=catalog category=toys`.
        public var what: String
        public var evidence: String
        /// Larger is likelier; comparable within one finding only.
        public var weight: Double

        public init(what: String, evidence: String, weight: Double) {
            self.what = what
            self.evidence = evidence
            self.weight = weight
        }
    }

    /// The same for every notice about one finding.
    public var id: String
    public var kind: String
    public var title: String
    public var series: String
    public var labels: [String: String]
    /// When it began, event time, nanoseconds since the epoch, as are the times below.
    public var onset: Int64
    public var detectedAt: Int64
    /// Nil while it goes on.
    public var resolvedAt: Int64?
    public var observed: Double
    public var expectedLow: Double
    public var expectedHigh: Double
    /// 0…1.
    public var score: Double
    /// Likeliest first.
    public var causes: [Cause] = []
    public var samples: [SampleLine] = []
    public var traceIDs: [String] = []
    /// Where to look at it; a path, which the server's own address is put before.
    public var link: String

    public init(
        id: String, kind: String, title: String, series: String, labels: [String: String], onset: Int64,
        detectedAt: Int64, resolvedAt: Int64? = nil, observed: Double, expectedLow: Double, expectedHigh: Double,
        score: Double, causes: [Cause] = [], samples: [SampleLine] = [], traceIDs: [String] = [], link: String = ""
    ) {
        self.id = id
        self.kind = kind
        self.title = title
        self.series = series
        self.labels = labels
        self.onset = onset
        self.detectedAt = detectedAt
        self.resolvedAt = resolvedAt
        self.observed = observed
        self.expectedLow = expectedLow
        self.expectedHigh = expectedHigh
        self.score = score
        self.causes = causes
        self.samples = samples
        self.traceIDs = traceIDs
        self.link = link
    }
}
