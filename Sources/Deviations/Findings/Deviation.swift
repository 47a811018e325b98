import Bytes

/// A finding: one or more series that left their baselines together, with when, how far, where and why.
public struct Deviation: Sendable, Identifiable, Equatable {
    public enum Kind: String, Sendable, CaseIterable {
        /// More or fewer records than expected.
        case traffic
        /// A series that used to speak has fallen silent.
        case silence
        /// A larger share of errors.
        case errors
        /// Durations have changed.
        case latency
        /// Messages of a form never seen before.
        case pattern
        /// Sizes, tokens or costs have changed.
        case amount
        /// A value never seen before in a field that had few.
        case value
        /// What stands at one place of a form of messages changed: how much it is, or how often it is what.
        case variable
    }

    /// What people said of a finding.
    public enum Feedback: UInt8, Sendable {
        case none
        case useful
        case noise
    }

    /// One point of the chart of the finding's series.
    public struct Point: Sendable, Equatable {
        /// Nanoseconds since the epoch, the bucket's start.
        public var time: Int64
        public var observed: Double
        public var expectedLow: Double
        public var expectedHigh: Double
    }

    /// A field with a value in which the change is concentrated.
    public struct Cause: Sendable, Equatable {
        public enum Role: UInt8, Sendable {
            /// Where the change lies.
            case place
            /// A service that fails because of it.
            case caller
            /// What became more frequent with it.
            case companion
        }

        public var field: String
        public var value: String
        /// How far these rows changed, as a ratio of observed to expected: 1.12 is +12 %.
        public var change: Double
        /// The same for all other rows of the service; 1 where nothing changed.
        public var changeElsewhere: Double
        /// How many standard errors stand between the two.
        public var evidence: Double
        /// Rows since the onset that bear it out.
        public var rows: Double
        /// The service whose records they are, where it is not the finding's.
        public var service = ""
        public var role = Role.place
    }

    /// A record that shows the change.
    public struct Sample: Sendable, Equatable {
        /// Nanoseconds since the epoch.
        public var time: Int64
        public var service: String
        public var message: String
        /// Empty where the record has none.
        public var traceID: String
    }

    /// Lasting and unique within a data folder, such as `d-17`.
    public var id: String
    public var kind: Kind
    /// The series with the strongest evidence.
    public var series: SeriesLabel
    /// Every series that is part of the finding, the strongest first.
    public var related: [SeriesLabel]
    public var direction: Assessment.Direction
    /// Whether it came suddenly or crept.
    public var change: Assessment.Kind
    /// When the change began, nanoseconds since the epoch (estimated back from the detection).
    public var onset: Int64
    /// The end of the bucket at which it was found.
    public var detectedAt: Int64
    /// The last bucket in which it was still seen.
    public var lastSeen: Int64
    /// When all its series were back at their baselines; nil while it lasts.
    public var resolvedAt: Int64?
    /// Of the main series, since the onset, in `unit`.
    public var observed: Double
    public var expected: Double
    /// Where the mean over that time would lie if nothing had changed, 997 times of 1,000.
    public var expectedLow: Double
    public var expectedHigh: Double
    /// `ms`, `s`, `records/5m`, `share of records` …
    public var unit: String
    /// 0.5…1.
    public var score: Double
    /// Days in which a healthy fleet of this size would show one such finding by chance, as a natural logarithm.
    public var logDays: Double
    /// The most likely first.
    public var causes: [Cause]
    public var samples: [Sample]
    /// Oldest first.
    public var points: [Point]
    /// Grows with every change, so that a reader can tell whether it has seen this one.
    public var revision: Int
    public var feedback: Feedback

    public var isResolved: Bool { resolvedAt != nil }

    /// One line for a list or a notification.
    public var title: String {
        if kind == .pattern { return "new error message of \(series.service): \(series.value ?? "")" }
        if kind == .value { return "new value of \(series.service): \(series.field ?? "")=\(series.value ?? "")" }
        if kind == .silence, series.field == "_msg" {
            return "\(series.service) no longer writes: \(series.value ?? "")"
        }
        if kind == .variable { return variableTitle }
        let ratio = expected > 0 ? observed / expected : 0
        let size =
            ratio > 0 && ratio < 10
            ? "\(ratio >= 1 ? "+" : "−")\(Int((abs(ratio - 1) * 100).rounded())) %"
            : direction == .up ? "far above expectation" : "far below expectation"
        let places = causes.filter { $0.role == .place }.prefix(3)
        let place = places.map { "\($0.field)=\($0.value)" }.joined(separator: ", ")
        return "\(series.measure) of \(series.service.isEmpty ? "all records" : series.service) \(size)"
            + (place.isEmpty ? "" : " in \(place)")
    }
}
