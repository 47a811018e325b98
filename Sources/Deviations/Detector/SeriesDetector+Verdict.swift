import Statistics

/// What the tests say of one observation.
struct Verdict {
    /// ln of the days between false alarms of this strength.
    var logDays: Float
    var isUp: Bool
    var kind: Assessment.Kind
    /// Observations since the change began, the last one included.
    var age: Float
    var isReported = false
    /// Whether the score is halved, because something was reported just before, or 0, while the series is learnt.
    var isMuted = false
    var isLearning = false
}

extension SeriesDetector {
    /// Runs the tests: shifts, one far observation, two far observations in a row.
    mutating func weigh(normal: Float, probability: Double, isUp: Bool, distance: Float, bar: Float) -> Verdict {
        let reading = change.update(normal.clamped(to: -5...5), spread: spread)
        let rare = probability > Self.common ? 0 : Float(-naturalLogarithm(max(probability, 1e-30)))
        // A lone outlier rests on the extrapolated tail alone and must be rarer by a factor of sixty.
        let single = rare - 4.193
        // Both of two in a row at least as far as the nearer one. Where far outliers are common, two together are still
        // more often an incident than two of the nearer ones are.
        let surprise = rare + (distance >= 5.5 ? 0.45 : 0)
        let pair = lastWasUp == isUp ? 2 * min(surprise, lastSurprise) - 0.393 : 0
        lastSurprise = surprise
        lastWasUp = isUp
        // The alarms that are allowed are shared out: three fifths to lasting changes, two fifths to spikes. Below the
        // bar spikes are discounted, so that a low threshold on the score finds lasting changes first.
        let allowed = max(single, pair) - 0.916 - logPointsPerDay
        let spike = allowed < bar ? bar + 3 * (allowed - bar) : allowed
        let lasting = reading.logRunLength - 0.511 - logPointsPerDay
        if spike > lasting { return Verdict(logDays: spike, isUp: isUp, kind: .spike, age: 1) }
        return Verdict(
            logDays: lasting, isUp: reading.isUpward, kind: reading.isRamp && reading.age > 12 ? .drift : .shift,
            age: reading.age)
    }

    /// Silence by expected count: if records come independently, none comes where x are expected once in e^x times.
    /// Only what a silence costs beyond the longest before it counts, and less where those were long. O(1).
    mutating func weighSilence(_ value: Double, center: Float, _ verdict: inout Verdict) {
        guard isIntegral, value == 0 else {
            mostMissed = max(mostMissed * (1 - 0.693 / (21 * pointsPerDay + 100)), missed)
            missed = 0
            silentSteps = 0
            return
        }
        missed += Float(max(offScale(center), 0).clamped(to: 0...1e6))
        silentSteps &+= 1
        let clumping = max(1, mostMissed / max(Float(naturalLogarithm(Double(count))), 4))
        let evidence = (missed - mostMissed) / clumping - 1.609 - logPointsPerDay
        guard Float(count) > 3 * pointsPerDay, evidence > verdict.logDays else { return }
        verdict = Verdict(logDays: evidence, isUp: false, kind: .shift, age: Float(silentSteps))
    }

    /// Turns evidence into score and report, and accommodates what was reported.
    mutating func decide(
        _ verdict: inout Verdict, residual: Float, observed: Float, bar: Float, weekday: Int
    ) {
        verdict.isLearning = Float(count) < max(Float(3 * Self.warmUpCount), learning * pointsPerDay)
        if fatigue > 0 { fatigue = fatigue < 1e-6 ? 0 : fatigue * fatigueDecay }
        verdict.logDays -= fatigue
        // Whoever learns for a week meets a first Monday after it: what sets it apart from a Sunday is not known yet.
        if learning >= 1 && axis == .automatic && week.visits(day: weekday) == 0 {
            verdict.logDays -= Self.unknownWeekday
        }
        follow(residual: residual)
        if verdict.isLearning { return }
        verdict.isMuted = episode.quiet > 0
        guard verdict.logDays >= bar else { return }
        if returns(verdict, residual: residual) {
            close()
            verdict.isMuted = true
            return
        }
        if episode.quiet > 0 {
            if episode.isPending && verdict.kind != .spike && verdict.isUp == episode.isUp { accommodate(verdict) }
            return
        }
        verdict.isReported = true
        fatigue = min(fatigue + 0.9, 6)
        if axis == .automatic && abs(observed) < 0.05 && !verdict.isUp { verdict.kind = .silence }
        open(verdict)
    }

    /// What a count on a weekday that was never seen as a whole lacks in evidence.
    private static let unknownWeekday: Float = 6

    private var fatigueDecay: Float { 1 - 0.693 / max(4_000, 14 * pointsPerDay) }

    /// 0.5 at the bar, and nearly linear in the logarithm around it.
    func score(of verdict: Verdict, bar: Float) -> Double {
        if verdict.isLearning { return 0 }
        let run = logarithmOfOnePlus(exponential(Double(verdict.logDays.clamped(to: -20...40)) + 2))
        return run / (run + Double(bar) + 2) * (verdict.isMuted ? 0.5 : 1)
    }

    private mutating func open(_ verdict: Verdict) {
        episode.isUp = verdict.isUp
        missed = 0
        silentSteps = 0
        episode.age = 0
        episode.quiet = 12
        episode.isPending = verdict.kind == .spike
        if verdict.kind == .spike { return }
        accommodate(verdict)
    }

    /// The baseline moves to where the series now is, for as long as it stays there.
    private mutating func accommodate(_ verdict: Verdict) {
        let place = verdict.age < 8 ? 0 : verdict.age < 48 ? 1 : 2
        let gain: Float = place == 0 ? 0.35 : place == 1 ? 0.06 : 0.01
        // The decayed mean still holds what was before the change: taken out.
        let kept = Float(power(Double(1 - gain), Double(verdict.age)))
        var mean = (recent[place] - kept * episode.offset) / (1 - kept)
        // A ramp has come twice as far as its mean.
        if verdict.kind == .drift { mean += 0.7 * (mean - episode.offset) }
        let moved = mean - episode.offset
        episode.offset = mean
        episode.isOpen = true
        episode.isPending = false
        episode.calm = 0
        episode.quiet = max(episode.quiet, 12)
        whitener.shift(by: -moved)
        change.reset()
    }

    /// Whether the alarm says that an open change is over.
    private func returns(_ verdict: Verdict, residual: Float) -> Bool {
        episode.isOpen && verdict.isUp != (episode.offset > 0)
            && min(abs(recent[0]), abs(residual + episode.offset)) < 0.6 * abs(episode.offset)
    }

    private mutating func close() {
        whitener.shift(by: episode.offset)
        episode.isOpen = false
        episode.offset = 0
        episode.quiet = 6
        change.reset()
    }

    /// Follows an open change: its offset moves within hours, and within days becomes the level.
    private mutating func follow(residual: Float) {
        if episode.quiet > 0 {
            episode.quiet -= 1
            if episode.quiet == 0 { episode.isPending = false }
        }
        guard episode.isOpen else { return }
        episode.age &+= 1
        let sigma = max(residualScale.standardDeviation, 0.005)
        let hours = min(max(6, pointsPerDay / 8), Float(episode.age) + 4)
        episode.offset += residual.clamped(to: -3 * sigma...3 * sigma) / hours
        let isCalm = abs(residual + episode.offset) < 2 * sigma && abs(episode.offset) > 2 * sigma
        episode.calm = isCalm ? episode.calm + 1 : 0
        if episode.calm >= 12 || abs(episode.offset) < 0.3 * sigma {
            close()
            return
        }
        // A weekend is no new level yet.
        guard Float(episode.age) > 3 * pointsPerDay else { return }
        let moved = episode.offset / max(12, 5 * pointsPerDay)
        level += moved
        episode.offset -= moved
    }
}
