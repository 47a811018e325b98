/// A finding while the engine works on it.
struct Finding: Sendable {
    enum Group: UInt8, Sendable {
        case traffic
        case errors
        case latency
        /// New forms of error messages.
        case pattern
        case amount
        /// Values never seen in a field that had few.
        case value
        /// Messages that are written no more.
        case vanished
        /// Variables of messages.
        case variables

        /// Whether it is told by texts and has no series that left its baseline.
        var isOfTexts: Bool { self == .pattern || self == .value || self == .vanished }
    }

    struct Member: Sendable {
        var series: Int32
        var logDays: Float
        var onset: Int64
        var direction: Assessment.Direction
    }

    var number: UInt64
    var group: Group
    /// The strongest first; the first one is drawn.
    var members: [Member]
    var change: Assessment.Kind
    var onset: Int64
    var detectedAt: Int64
    /// When a series last joined or alarmed again.
    var lastAlarm: Int64
    var lastSeen: Int64
    var resolvedAt: Int64?
    var observed = 0.0
    var expected = 0.0
    var expectedLow = 0.0
    var expectedHigh = 0.0
    var score = 0.0
    var causes: [Deviation.Cause] = []
    var samples: [Deviation.Sample] = []
    var points: [Deviation.Point] = []
    var revision = 1
    /// What people said of it.
    var feedback = Deviation.Feedback.none
    /// Forms of messages, as `<*>` texts, that came with it or stayed away; new values, as `field=value`.
    var patterns: [String] = []

    var id: String { "d-\(number)" }
    var main: Int { Int(members[0].series) }
    var direction: Assessment.Direction { members[0].direction }
}
