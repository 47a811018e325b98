import Records

/// What a scenario file says: services that call one another, what they log, how traffic runs through the week, and
/// what goes wrong when. `Corpora/Scenarios/README.md` describes the file.
struct Scenario {
    var name: String
    var summary: String
    var defaultRows: Int
    /// Records are handed over up to this much after their own time, as agents do.
    var disorderMilliseconds: Int
    /// Whether fields such as `http.status` are written as objects, `"http":{"status":…}`.
    var isNested: Bool
    /// Nanoseconds since the epoch, as are `launch` and `end`.
    var start: Int64
    /// Nil for a system that is in use already.
    var launch: Int64?
    var end: Int64
    /// Relative traffic at each full hour of the day, UTC; 24 values.
    var hours: [Double]
    /// Relative traffic on Monday … Sunday.
    var weekdays: [Double]
    /// Standard deviation of the slow noise in traffic, as a share.
    var wobble: Double
    /// Hours after launch and traffic factor there, straight lines between; 1 before the first, the last one's
    /// afterwards.
    var traffic: [(hours: Double, factor: Double)]
    var services: [Service]
    var variables: [Variable]
    var flows: [Flow]
    var faults: [Fault]

    struct Service {
        var name: String
        var pods: Int
        var hosts: [String]
        /// Fractional digits of its clock: 3, 6 or 9.
        var timeDigits: Int
    }

    struct Variable {
        enum Kind {
            /// Values and their weights.
            case choice([(value: String, weight: Double)])
            /// from + (to − from) uᵖ: `skew` p above 1 prefers small numbers.
            case integer(from: Int64, to: Int64, skew: Int)
            /// Lognormal, printed with this many digits after the point.
            case decimal(median: Double, sigma: Double, digits: Int)
            case hexadecimal(digits: Int)
            case uuid
            /// An IPv4 address that belongs to the value of another variable.
            case address(of: String)
        }
        var name: String
        var kind: Kind
        /// One value a request, or a new one each time it is printed.
        var isPerRequest: Bool
    }

    struct Flow {
        var name: String
        var weight: Double
        /// Hours of the day, UTC, in which it runs, the last one excluded; nil for all day.
        var hours: Range<Int>?
        /// Whether its records carry trace and span IDs.
        var isTraced: Bool
        var root: Step
    }

    /// One span, which logs one record when it ends.
    struct Step {
        var service: String
        var method: String?
        var route: String?
        var status: Int?
        var probability: Double
        /// Its failure does not fail the caller.
        var isOptional: Bool
        var duration: Lognormal
        var database: Lognormal?
        var fields: [(name: String, value: String)]
        var normal: Outcome
        /// Taken with their own probability instead of `normal`.
        var others: [Outcome]
        /// Taken when a call failed.
        var failure: Outcome?
        var calls: [Step]
    }

    struct Lognormal {
        var medianMilliseconds: Double
        var sigma: Double
    }

    struct Outcome {
        var probability: Double
        var level: String
        var status: Int?
        /// The span's own time is multiplied by this.
        var factor: Double
        var fails: Bool
        /// The fault whose victims take this outcome; nil for one that is taken at random.
        var fault: String?
        var messages: [String]
    }

    /// From `onset` on, something goes wrong with requests whose `variable` has one of `values`: a time of one service
    /// grows, variables are drawn otherwise, or outcomes are taken that name the fault.
    struct Fault {
        enum Quantity: String { case database = "db", duration, field, outcome }
        /// By which outcomes name it.
        var name: String
        var summary: String
        var onset: Int64
        var growthPerHour: Double
        var service: String
        var quantity: Quantity
        var variable: String
        var values: [String]
        /// Further variables that must have one of their values too.
        var also: [(variable: String, values: [String])]
        /// The share of such requests that it strikes.
        var probability: Double
        /// Variables of struck requests that are drawn as others are.
        var replacements: [(variable: String, other: String)]
        /// The field that shows it, where that is no time.
        var field: String?
        /// Requests of these flows are given up with probability elasticity × (growth − 1).
        var abandonedFlows: [String]
        var abandonElasticity: Double
        /// The flow whose first affected request 12 hours after the onset gets the trace ID that the truth names.
        var exampleFlow: String
    }
}
