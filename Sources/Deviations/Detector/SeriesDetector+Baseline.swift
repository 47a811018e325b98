import Statistics

/// What is expected of one observation, on the scaled axis.
struct Prediction {
    /// The baseline without what an open change adds.
    var usual: Float
    /// With it.
    var center: Float
    /// What the last residual lets one expect on top.
    var carried: Float
    /// The standard deviation of what remains.
    var noise: Float
    /// The standard deviation of the residual itself.
    var residualNoise: Float
    /// How much noise there is here relative to everywhere.
    var factor: Float
    var seasonal: Float
    var weekly: Float
    /// The time of day among the profile's cells.
    var place: SeasonalProfile.Place
}

extension SeriesDetector {
    /// Gathers the first observations; with enough of them sets the scale up and replays them.
    mutating func collect(time: Int64, value: Double, sampling: Float) {
        if count == 0 { origin = time }
        meanSampling += (sampling - meanSampling) / Float(count + 1)
        if warmUp.isEmpty { warmUp.reserveCapacity(Self.warmUpCount) }
        warmUp.append(Float(value))
        last = max(last, time)
        count += 1
        if count == UInt32(Self.warmUpCount) { setUp() }
    }

    private mutating func setUp() {
        let sorted = warmUp.sorted()
        let steps = (1..<Self.warmUpCount).map { abs(warmUp[$0] - warmUp[$0 - 1]) }.sorted()
        let median = Double(sorted[Self.warmUpCount / 2])
        // The middle half of the steps: neither repeats nor one jump decide.
        let noise = Double(steps[4..<12].reduce(0, +)) / 8 / 0.95
        interval = max(1, last / Int64(Self.warmUpCount - 1) - origin / Int64(Self.warmUpCount - 1))
        let perDay = (86_400e9 / Double(interval)).clamped(to: 0.01...86_400)
        setRate(perDay)
        let automatic = max(2 * noise, 0.02 * abs(median))
        unit = automatic > 0 ? automatic : 1
        let memory = (3 * perDay).clamped(to: 256...8_640)
        whitener = Prewhitener(memory: memory)
        scale = RobustScale(memory: memory)
        residualScale = RobustScale(memory: memory)
        trend = ScaleTrend(memory: 2 * memory)
        histogram = ResidualHistogram(memory: (14 * perDay).clamped(to: 1_000...20_000))
        jumps = axis == .automatic ? [Jumps(pointsPerDay: perDay)] : []
        change = ChangeDetector(horizon: (3 * perDay).clamped(to: 64...6_000))
        season = SeasonalProfile(pointsPerDay: perDay)
        week = WeeklyProfile(pointsPerDay: perDay)
        level = onScale(median)
        for index in 0..<Self.warmUpCount { replay(index) }
        warmUp = []
    }

    mutating func setRate(_ perDay: Double) {
        pointsPerDay = Float(perDay)
        logPointsPerDay = Float(naturalLogarithm(perDay))
    }

    private mutating func replay(_ index: Int) {
        let moment = Moment(origin &+ interval &* Int64(index))
        let residual = onScale(Double(warmUp[index])) - level
        residualScale.learn(residual)
        scale.learn(index == 0 ? residual : residual - (onScale(Double(warmUp[index - 1])) - level))
        season.learn(residual, at: moment.shareOfDay, clip: 1_000, scale: abs(residual))
    }

    /// The least noise that is believed: half a per cent of the unit's scale, or nearly half a step of a whole number.
    /// `least`: of the noises that it is held against; where that is more than at any center, the center does not
    /// matter.
    @inline(__always)
    private func leastNoise(at center: Float, among least: Float) -> Float {
        guard isIntegral, axis == .automatic, Double(least) * unit < 0.4 else { return 0.005 }
        let value = abs(offScale(center)) + 0.5
        return max(0.005, Float(0.4 / (value * value + unit * unit).squareRoot()))
    }

    /// How much noisier this observation is than the usual one, because it is a mean of fewer.
    @inline(__always)
    private func samplingFactor(_ sampling: Float) -> Float {
        guard sampling > 0, meanSampling > 0 else { return 1 }
        let total = max(residualScale.standardDeviation * residualScale.standardDeviation, 1e-9)
        let own = max(total - meanSampling, 0)
        return ((own + sampling) / (own + meanSampling)).squareRoot().clamped(to: 0.1...10)
    }

    /// Changes nothing; `mutating`, so that nobody makes a copy of the state to ask it.
    mutating func predict(_ moment: Moment, observed: Float, elapsed: Float, sampling: Float) -> Prediction {
        let place = season.place(at: moment.shareOfDay)
        let seasonal = season.offset(at: place)
        var weekly = week.offset(day: moment.weekday, at: moment.shareOfDay)
        let believed = level + seasonal + weekly
        // After a single visit a strange day may have been an incident: the nearer of both expectations counts.
        if weekly != 0 && week.visits(day: moment.weekday) < 2 {
            let usual = level + seasonal + episode.offset
            if abs(observed - usual) < abs(observed - usual - weekly) { weekly = 0 }
        }
        let usual = level + seasonal + weekly
        let factor = trend.factor(at: usual) * samplingFactor(sampling)
        let visits = season.cells == 0 ? 10 : max(season.evidence(at: place), 1)
        let perVisit = season.cells == 0 ? 1 : pointsPerDay / Float(season.cells)
        let unsure = (1 + 0.5 / max(visits / max(perVisit, 1), 1)).squareRoot()
        let carried = whitener.carried(steps: elapsed)
        let whole = residualScale.standardDeviation * factor
        let drop = elapsed > 1.5 ? whole : scale.standardDeviation * factor
        let least = leastNoise(at: believed, among: min(drop, whole))
        return Prediction(
            usual: usual, center: usual + episode.offset, carried: carried,
            noise: max(drop, least) * unsure, residualNoise: max(whole, least), factor: factor, seasonal: seasonal,
            weekly: weekly, place: place)
    }

    /// Takes one observation into the baseline. While a change lasts, its rows teach a tenth as much.
    mutating func learn(
        _ moment: Moment, observed: Float, residual: Float, prediction: Prediction, rank: ResidualHistogram.Place,
        normal: Float, elapsed: Float
    ) {
        let slowdown: Float = episode.isOpen || episode.quiet > 0 ? 0.1 : 1
        let least = 0.002 as Float
        let even = residual / prediction.factor
        let rest = (residual - prediction.carried) / prediction.factor
        let sigma = max(residualScale.standardDeviation, least)
        spread.learn(normal.clamped(to: -3...3))
        // The first day had no season to go by: its residuals say little of those to come.
        if count == UInt32(1.5 * pointsPerDay) {
            histogram.forget(keeping: 0.05)
            if axis == .automatic { jumps[0].histogram.forget(keeping: 0.05) }
        }
        histogram.learn(at: rank)
        scale.learn(rest, slowdown: slowdown)
        residualScale.learn(even, slowdown: slowdown)
        trend.learn(
            prediction: prediction.usual, residual: rest * prediction.factor, floor: 0.05 * sigma, slowdown: slowdown)
        whitener.learn(residual, scale: sigma * prediction.factor, clip: 4, adjacent: elapsed < 1.5, slowdown: slowdown)
        learnMeans(residual + episode.offset)
        learnBaseline(
            moment, observed: observed, residual: residual, prediction: prediction, sigma: sigma, slowdown: slowdown)
    }

    private mutating func learnMeans(_ residual: Float) {
        recent[0] += (residual - recent[0]) * 0.35
        recent[1] += (residual - recent[1]) * 0.06
        recent[2] += (residual - recent[2]) * 0.01
    }

    private mutating func learnBaseline(
        _ moment: Moment, observed: Float, residual: Float, prediction: Prediction, sigma: Float, slowdown: Float
    ) {
        let phi = max(whitener.autocorrelation, 0)
        let unitNoise = sigma * sigma * (1 + phi) / (1 - phi)
        let clip = 2.5 * sigma * prediction.factor
        let age = Float(count)
        // The first day is for the cells: a level that moved with them would bend them.
        let isPastFirstDay = season.cells == 0 || age > pointsPerDay
        if isPastFirstDay {
            let days = 7.5 * pointsPerDay
            let memory = season.cells == 0 ? max(200, days) : days
            let gain = season.cells == 0 ? 1 / min(age, memory) : 1 / memory
            level += residual.clamped(to: -clip...clip) * gain * (season.cells == 0 ? slowdown : 1)
        }
        let fromLevel = residual + prediction.seasonal
        season.learn(
            fromLevel, at: prediction.place, clip: clip, scale: sigma * prediction.factor, slowdown: slowdown)
        if age > 1.5 * pointsPerDay && season.cells > 0 {
            week.learn(
                observed - prediction.seasonal, day: moment.weekday, at: moment.shareOfDay, unitNoise: unitNoise)
        }
    }
}
