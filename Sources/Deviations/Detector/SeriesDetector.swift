import Statistics

/// Watches one series in event time with constant state: baseline, residual, normal score, tests.
///
/// A value is brought to a scale on which noise is nearly even (asinh, logarithmic far from 0), its expected value
/// (level, time of day, day of week) is subtracted, what the last residual lets one expect is taken out, and the rest
/// is ranked within the series' own history of such rests. The ranks, as normal scores, feed tests whose thresholds are
/// average run lengths, so that they mean the same for every series. A change that was reported is accommodated, so
/// that it is reported once.
///
/// One update costs O(1), about 0.3 µs; the state is under 1.1 KB, and 0.2 KB more on the automatic axis.
public struct SeriesDetector: Sendable {
    /// The axis on which values are judged.
    public enum Axis: UInt8, Sendable {
        /// asinh of the value over twice its noise: linear near 0, logarithmic far from it.
        case automatic
        /// The value itself: for logarithms and the like.
        case asGiven
    }

    /// How a detector is set up. The defaults are for a series of which nothing is known.
    public struct Options: Sendable, Equatable {
        /// Healthy days between false alarms that the thresholds aim at.
        public var daysBetweenFalseAlarms: Double = 100
        /// Days without reports at the start, while the baseline is learnt.
        public var learningDays: Double = 0
        /// On which axis noise is taken to be even.
        public var axis = Axis.automatic
        /// Whether values are counts of records, of which none came where they are 0.
        public var countsRecords = false

        public init() {}
    }

    /// The score at which the default flags stand.
    public static let flagScore = 0.5
    static let warmUpCount = 16
    /// What comes as often is no spike, alone or in a pair, of a series of a point a day or more.
    static let common = 0.1
    /// The year 2116.
    private static let farthestTime: Int64 = 1 << 62

    public var options: Options {
        get {
            var options = Options()
            options.daysBetweenFalseAlarms = Double(days)
            options.learningDays = Double(learning)
            options.axis = axis
            options.countsRecords = countsRecords
            return options
        }
        set {
            (days, learning) = (Float(newValue.daysBetweenFalseAlarms), Float(newValue.learningDays))
            axis = newValue.axis
            countsRecords = newValue.countsRecords
        }
    }
    /// As in the options.
    var days: Float = 100
    var learning: Float = 0
    var axis = Axis.automatic
    var countsRecords = false
    var isIntegral = true
    var lastWasUp = false
    var count: UInt32 = 0
    /// The first observations, until there are enough to set the scale up.
    var warmUp: [Float] = []
    var origin: Int64 = 0
    var last: Int64 = 0
    /// Nanoseconds between observations, typically.
    var interval: Int64 = 0
    var unit: Double = 1
    var pointsPerDay: Float = 288
    /// Its natural logarithm.
    var logPointsPerDay: Float = 5.663

    var level: Float = 0
    var season = SeasonalProfile()
    var week = WeeklyProfile()
    var whitener = Prewhitener(memory: 864)
    var scale = RobustScale(memory: 864)
    var residualScale = RobustScale(memory: 864)
    var trend = ScaleTrend(memory: 2016)
    var histogram = ResidualHistogram(memory: 4032)
    /// On the automatic axis one element; on the other none.
    var jumps: [Jumps] = []
    var spread = VarianceTime()
    var change = ChangeDetector(horizon: 864)
    var episode = Episode()
    /// Residual means over about 4, 24 and 150 observations.
    var recent = InlineArray<3, Float>(repeating: 0)
    /// −ln p of the observation before.
    var lastSurprise: Float = 0
    /// Added to the bar by recent reports, in natural logarithms; halves in two weeks or 4,000 observations.
    var fatigue: Float = 0
    /// What was expected since the last count above 0, and how long that is; the most that any silence has cost so far,
    /// decayed.
    var missed: Float = 0
    var silentSteps: UInt32 = 0
    var mostMissed: Float = 0
    /// The mean variance that is due to sampling alone, where the caller tells it.
    var meanSampling: Float = 0

    public init(options: Options = Options()) { self.options = options }

    /// Observations taken in.
    public var observations: Int { Int(count) }
    /// Nanoseconds since the epoch of the last observation.
    public var lastTime: Int64 { last }
    /// Whether a reported change still lasts.
    public var isOpen: Bool { episode.isOpen }

    /// Takes in one observation. Times are expected to rise; one that does not is taken as one interval later.
    /// Not-a-number and infinite values are skipped and assessed as unremarkable. `sampling` is the variance that the
    /// value has because it is a mean of few, on the detector's axis; 0 if unknown. `bar` replaces the options' ln(days
    /// between false alarms).
    public mutating func update(time: Int64, value: Double, sampling: Float = 0, bar: Float? = nil) -> Assessment {
        let bar = bar ?? Float(naturalLogarithm(options.daysBetweenFalseAlarms))
        guard let outcome = step(time: time, value: value, sampling: sampling, bar: bar) else {
            return unremarkable(value: value.isFinite ? value : 0, time: time)
        }
        return assessment(outcome, bar: bar)
    }

    /// The same without what only readers want to know; nil while nothing is expected yet. O(1).
    mutating func step(time: Int64, value: Double, sampling: Float, bar: Float) -> Outcome? {
        guard value.isFinite else { return nil }
        // Beyond these single precision has no room for differences and means.
        let value = value.clamped(to: -1e30...1e30)
        let time = time.clamped(to: -Self.farthestTime...Self.farthestTime)
        if isIntegral, value != value.rounded() { isIntegral = false }
        guard count >= UInt32(Self.warmUpCount) else {
            collect(time: time, value: value, sampling: sampling)
            return nil
        }
        let moment = Moment(time)
        let elapsed = time > last ? Float((Double(time) - Double(last)) / Double(interval)) : 1
        let observed = onScale(value)
        let prediction = predict(moment, observed: observed, elapsed: elapsed, sampling: sampling)
        let expected = axis == .automatic ? offScale(prediction.center + prediction.carried) : 0
        let standardized = standardize(value, observed: observed, expected: expected, prediction: prediction)
        let rank = ResidualHistogram.Place(standardized)
        let tails = histogram.tails(at: rank)
        let isUp = tails.upper < tails.lower
        let score = Float(NormalDistribution.upperQuantile(min(tails.upper, tails.lower)).clamped(to: -1...8))
        let normal = isUp ? score : -score
        var probability = min(tails.upper, tails.lower)
        var jump: Float = 0
        if axis == .automatic {
            // On its own axis, a series that jumps at noon is not surprising when it jumps as far at night.
            let slowdown: Float = episode.isOpen || episode.quiet > 0 ? 0.1 : 1
            let apart = Float(((value - expected) / unit).clamped(to: -1e30...1e30))
            jump = jumps[0].rank(apart, slowdown, isUp: isUp, unlessAbove: Self.common, &probability)
        }
        var verdict = weigh(
            normal: normal, probability: probability, isUp: isUp, distance: max(abs(standardized), abs(jump)), bar: bar)
        if countsRecords { weighSilence(value, center: prediction.center, &verdict) }
        let residual = observed - prediction.center
        decide(&verdict, residual: residual, observed: observed, bar: bar, weekday: moment.weekday)
        learn(
            moment, observed: observed, residual: residual, prediction: prediction, rank: rank, normal: normal,
            elapsed: elapsed)
        meanSampling += (sampling - meanSampling) * 0.01
        last = time
        count &+= 1
        return Outcome(
            verdict: verdict, observed: observed, usual: prediction.usual, reach: 3 * prediction.residualNoise,
            normal: normal, time: time)
    }

    /// The residual in standard deviations, on the scaled axis or on the value's own, whichever makes less of it: noise
    /// that multiplies would look wild upwards on the one, noise that adds would look wild downwards on the other.
    /// `expected`: on the value's own.
    @inline(__always)
    private func standardize(
        _ value: Double, observed: Float, expected: Double, prediction: borrowing Prediction
    ) -> Float {
        let scaled = (observed - prediction.center - prediction.carried) / prediction.noise
        guard axis == .automatic else { return scaled }
        let slope = (expected * expected + unit * unit).squareRoot()
        let plain = Float((value - expected) / slope) / prediction.noise
        guard plain.isFinite else { return scaled.isFinite ? scaled : 0 }
        return abs(plain) < abs(scaled) ? plain : scaled
    }

    private func date(_ time: Int64, back steps: Float) -> Int64 {
        max(time - Int64(min(Double(steps) * Double(interval), 4e18)), origin)
    }

    /// The value on the scale on which noise is nearly even.
    @inline(__always)
    func onScale(_ value: Double) -> Float {
        axis == .asGiven ? Float(value) : Float(areaSine(value / unit))
    }

    /// The inverse of `onScale`.
    @inline(__always)
    func offScale(_ value: Float) -> Double {
        axis == .asGiven ? Double(value) : hyperbolicSine(Double(value.clamped(to: -80...80))) * unit
    }

    func unremarkable(value: Double, time: Int64) -> Assessment {
        Assessment(
            expectedLow: value, expectedHigh: value, expected: value, score: 0, deviation: false,
            isOpen: episode.isOpen, kind: .shift, direction: .up, onset: time, logDays: -20, normalScore: 0)
    }

    private func assessment(_ outcome: Outcome, bar: Float) -> Assessment {
        let verdict = outcome.verdict
        var low = offScale(outcome.usual - outcome.reach)
        let high = offScale(outcome.usual + outcome.reach)
        if axis == .automatic && level > 0 && low < 0 { low = 0 }
        return Assessment(
            expectedLow: low, expectedHigh: high, expected: offScale(outcome.usual),
            score: score(of: verdict, bar: bar), deviation: verdict.isReported, isOpen: episode.isOpen,
            kind: verdict.kind, direction: verdict.isUp ? .up : .down, onset: onset(of: outcome),
            logDays: Double(verdict.logDays), normalScore: outcome.normal)
    }

    /// When the change began that an outcome reports; the observation's own time where it reports none.
    func onset(of outcome: Outcome) -> Int64 {
        outcome.verdict.isReported ? date(outcome.time, back: outcome.verdict.age - 1) : outcome.time
    }
}
