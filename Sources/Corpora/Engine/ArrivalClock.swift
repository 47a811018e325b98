import Records

/// When requests begin: a Poisson process whose rate follows the hour, the weekday, the launch and a slow noise.
///
/// The rate is steered so that the wished number of rows fills the wished span: what is left of the rows is spread over
/// what is left of the expected traffic, so that an error of the estimate never gathers at the end.
struct ArrivalClock {
    private static let slotNanoseconds: Int64 = 60 * Timestamp.nanosecondsPerSecond

    private let start: Int64
    /// Expected relative rows by minute.
    private let weights: [Double]
    /// By hour of the day: rows of a request as a share of `rowsPerRequest`.
    private let shareOfHour: [Double]
    private let rowsPerRequest: Double
    private var remainingWeight: Double
    private var slot = 0
    private var slotEnd: Int64
    /// Requests a nanosecond.
    private var rate = 0.0
    /// When the latest request began, nanoseconds since the epoch.
    private(set) var now: Int64

    init(_ scenario: Scenario, rows: Int, rowsPerRequest: Double, shareOfHour: [Double], seed: UInt64) {
        start = scenario.start
        now = scenario.start
        self.shareOfHour = shareOfHour
        weights = Self.weights(scenario, seed: seed).enumerated().map { index, weight in
            weight * shareOfHour[Self.hour(scenario.start + Int64(index) * Self.slotNanoseconds)]
        }
        remainingWeight = weights.reduce(0, +)
        self.rowsPerRequest = rowsPerRequest
        slotEnd = scenario.start + Self.slotNanoseconds
        setRate(remainingRows: rows)
    }

    /// Moves to the next request. O(1), or the number of empty minutes passed over.
    @inline(__always)
    mutating func advance(remainingRows: Int, _ random: inout RandomStream) {
        while true {
            let gap = -logarithm(1 - random.unit()) / rate
            if gap < Double(slotEnd - now) {
                now += Int64(gap)
                return
            }
            // The process has no memory: starting again at the boundary with the new rate is exact.
            now = slotEnd
            slotEnd += Self.slotNanoseconds
            if slot + 1 < weights.count {
                remainingWeight -= weights[slot]
                slot += 1
                setRate(remainingRows: remainingRows)
            }
        }
    }

    private mutating func setRate(remainingRows: Int) {
        // Towards the end the remainder may be all noise; three times the usual rate is the most that looks like
        // traffic.
        let rows = Double(max(1, remainingRows)) * min(1, weights[slot] / max(remainingWeight, weights[slot]))
        let share = shareOfHour[Self.hour(start + Int64(slot) * Self.slotNanoseconds)]
        let requests = max(rows / (rowsPerRequest * max(share, 1e-9)), 1e-6)
        let previous = rate * Double(Self.slotNanoseconds)
        rate = (slot < 60 ? requests : min(requests, previous * 3)) / Double(Self.slotNanoseconds)
    }

    private static func hour(_ time: Int64) -> Int { Int(time / 3_600_000_000_000 % 24) }

    private static func weights(_ scenario: Scenario, seed: UInt64) -> [Double] {
        var random = RandomStream(seed: seed ^ 0x7472_6166_6669_6321)
        let count = Int((scenario.end - scenario.start) / slotNanoseconds)
        var noise = 0.0
        // An autoregressive walk over minutes with a memory of about an hour.
        let keep = 0.984
        let step = scenario.wobble * (1 - keep * keep).squareRoot()
        return (0..<count).map { index in
            let normal = (0..<12).reduce(-6.0) { sum, _ in sum + random.unit() }
            noise = keep * noise + step * normal
            let time = scenario.start + Int64(index) * slotNanoseconds
            return usual(scenario, at: time) * launchFactor(scenario, at: time) * exponential(noise)
        }
    }

    /// The week's profile: hours with straight lines between them, times the weekday's factor.
    private static func usual(_ scenario: Scenario, at time: Int64) -> Double {
        let day = time / Timestamp.nanosecondsPerDay
        let hour = Double(time % Timestamp.nanosecondsPerDay) / 3_600e9
        let whole = Int(hour)
        let share = hour - Double(whole)
        let ofDay = scenario.hours[whole] * (1 - share) + scenario.hours[(whole + 1) % 24] * share
        // 1970-01-01 was a Thursday.
        return ofDay * scenario.weekdays[Int((day + 3) % 7)]
    }

    private static func launchFactor(_ scenario: Scenario, at time: Int64) -> Double {
        guard let launch = scenario.launch, let first = scenario.traffic.first else { return 1 }
        let hours = Double(time - launch) / 3_600e9
        guard hours > first.hours else { return 1 }
        for (point, next) in zip(scenario.traffic, scenario.traffic.dropFirst()) where hours < next.hours {
            let share = (hours - point.hours) / (next.hours - point.hours)
            return point.factor * (1 - share) + next.factor * share
        }
        return scenario.traffic.last?.factor ?? 1
    }
}
