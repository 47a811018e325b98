/// What differs in a window of time from a baseline window, and which services are the likely cause.
public struct Explanation: Sendable, Equatable {
    /// A field with a value; a form of messages is the value of `_msg`.
    public struct Item: Sendable, Hashable {
        public var field: String
        public var value: String

        public init(field: String, value: String) {
            self.field = field
            self.value = value
        }
    }

    /// A service, with values of its records in which the change is concentrated, and what speaks for it.
    public struct Cause: Sendable, Equatable {
        /// The service first.
        public var items: [Item]
        /// 0…1: its part of all evidence.
        public var weight: Double
        /// In words, the strongest first.
        public var reasons: [String]
        public var samples: [Deviation.Sample]
        public var traceIDs: [String]

        public var service: String { items.first?.value ?? "" }
    }

    /// How a service was judged. The numbers are roots of logarithms of likelihood ratios: about standard errors.
    public struct Suspect: Sendable, Equatable {
        public var service: String
        public var score: Double
        /// Its own work takes longer, or calls to it do outside of both ends.
        public var slowness: Double
        /// Errors begin in it.
        public var errors: Double
        /// Calls that it no longer makes, or that no longer reach it.
        public var missingCalls: Double
        /// Messages of it that came, or stayed away.
        public var messages: Double
        /// Amounts in its records that changed.
        public var amounts: Double
    }

    /// Records whose share of all, or whose numbers, changed.
    public struct Change: Sendable, Equatable {
        /// One or two.
        public var items: [Item]
        /// The numeric field; empty where the share of the records changed.
        public var measure: String
        /// Shares of records, or geometric means of the measure.
        public var before: Double
        public var after: Double
        /// Records of the window.
        public var records: Int
        /// G² against no change, or squared standard errors of the measure's mean.
        public var statistic: Double
    }

    /// Nanoseconds since the epoch.
    public var window: Range<Int64>
    public var baseline: Range<Int64>
    /// Records looked at in each.
    public var records: Int
    public var baselineRecords: Int
    /// 1, or the share of the requests that were looked at because there were too many.
    public var sampledShare: Double
    /// The three most likely causes, the likeliest first.
    public var causes: [Cause]
    /// All services with evidence, the most suspicious first.
    public var suspects: [Suspect]
    /// What changed, the strongest first; ten at most.
    public var changes: [Change]
}
