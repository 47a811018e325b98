/// A scenario made ready to run: everything that does not change between records is already JSON text, so that a record
/// is a walk over pairs of ready text and one changing value.
struct Program {
    var literals: [UInt8] = []
    var ops: [Op] = []
    var lines: [Line] = []
    var variants: [Variant] = []
    var steps: [Step] = []
    var flows: [Flow] = []
    var variables: [Variable] = []
    /// Of choice variables.
    var choices: [Text] = []
    /// `"pod":"…","host":"…"`, by service.
    var pods: [Text] = []
    var services: [Service] = []
    var faults: [Fault] = []
    var tables = LognormalTables()
    /// Which flow comes next, weights included.
    var flowTable = WeightedTable(weights: [1])
    /// Records of an average healthy request, failures left out of account.
    var rowsPerRequest = 0.0
    /// By hour of the day: rows of a request as a share of that. Flows that do not run make none.
    var shareOfHour = [Double](repeating: 1, count: 24)

    /// A run of `literals`.
    struct Text {
        var offset: Int
        var length: Int
    }

    enum Slot {
        case none, time, pod, trace, span, parent, duration, database
        case variable(Int)
    }

    /// Text, then a value.
    struct Op {
        var text: Text
        var slot: Slot
    }

    /// A run of `ops`: one way to spell one record.
    struct Line {
        var firstOp: Int
        var endOp: Int
    }

    /// One outcome of a step; a run of `lines`, one a message.
    struct Variant {
        var threshold: UInt64
        var firstLine: Int
        var lineCount: Int
        var factor: Double
        var fails: Bool
        /// Fault whose victims take it, or −1.
        var fault: Int
    }

    struct Service {
        var name: String
        var firstPod: Int
        var podCount: Int
        var timeDigits: Int
    }

    struct Step {
        var service: Int
        var threshold: UInt64
        var isOptional: Bool
        var duration: DurationModel
        var database: DurationModel?
        /// Fault that stretches this step's time, or −1.
        var fault: Int
        var faultStretchesDatabase: Bool
        var normal: Int
        /// Others of the step's outcomes, a run of `variants`.
        var firstOther: Int
        var otherCount: Int
        /// Variant after a failed call, or −1.
        var failure: Int
        /// Steps, or −1.
        var firstCall: Int
        var nextCall: Int
    }

    struct Flow {
        var root: Int
        /// Variables that the request needs a value of, in the order in which they are drawn.
        var variables: [Int]
        /// Hours of the day in which it runs.
        var hours: Range<Int>
        /// Faults that may strike it: those of whose variables it has values.
        var faults: [Int]
        /// Faults whose victims may give the request up.
        var abandoningFaults: [Int]
        /// Fault whose example this flow is, or −1.
        var exampleOf: Int
    }

    struct Variable {
        enum Kind {
            case choice(first: Int, table: WeightedTable)
            case integer(from: Int64, range: Double, skew: Int)
            case decimal(scaledMedian: Double, table: Int, digits: Int)
            case hexadecimal(digits: Int)
            case uuid
            case address(of: Int)
        }
        var name: String
        var kind: Kind
        var isPerRequest: Bool
    }

    struct Fault {
        var onset: Int64
        /// ln(1 + growth an hour).
        var logGrowthPerHour: Double
        /// Variables and, by choice of each, whether it is affected.
        var conditions: [(variable: Int, isAffected: [Bool])]
        /// Of the share of affected requests that are struck; nil for all.
        var threshold: UInt64?
        /// Variables and those as which they are drawn instead.
        var replacements: [(variable: Int, other: Int)]
        var abandonElasticity: Double
    }
}

/// Draws indices in proportion to weights through a table of 4,096 places: each share is right to 1/8,192. O(1) a draw.
struct WeightedTable {
    private var places: [UInt16] = []

    init(weights: [Double]) {
        let total = weights.reduce(0, +)
        var sum = 0.0
        places.reserveCapacity(4_096)
        for (index, weight) in weights.enumerated() {
            sum += weight
            let end = min(4_096, Int((sum / total * 4_096).rounded()))
            while places.count < end { places.append(UInt16(index)) }
        }
        while places.count < 4_096 { places.append(UInt16(weights.count - 1)) }
    }

    @inline(__always)
    func draw(_ random: inout RandomStream) -> Int { Int(places[Int(random.next() >> 52)]) }
}
