import Statistics

/// What the tests say of one observation.
struct Verdict {
    /// ln of the days between false alarms of this strength.
    var logDays: Float
    var isUp: Bool
    var kind: Assessment.Kind
    /// Of the strongest shift member, in standard deviations.
    var shift: Float
    /// Seconds since the detector's origin.
    var onset: UInt32
    var isReported = false
    var score = 0.0
}

extension SeriesDetector {
    /// Runs the tests: shifts, one far observation, two far observations in a row.
    mutating func weigh(normal: Float, probability: Double, isUp: Bool, time: Int64) -> Verdict {
        let now = UInt32(clamping: (time - origin) / 1_000_000_000)
        let reading = shift.update(normal.clamped(to: -5...5), at: now, spread: spread)
        let surprise = Float(-naturalLogarithm(max(probability, 1e-30)))
        let single = surprise - 0.693
        // Two independent −ln p add up to a gamma variable of shape 2.
        let sum = surprise + lastSurprise
        let pair = lastWasUp == isUp ? sum - logarithm(1 + sum) - 0.693 : 0
        lastSurprise = surprise
        lastWasUp = isUp
        let pointsShare = Float(naturalLogarithm(pointsPerDay)) + 1.0986
        let spike = max(single, pair)
        if spike > reading.logRunLength {
            return Verdict(logDays: spike - pointsShare, isUp: isUp, kind: .spike, shift: 4, onset: now)
        }
        return Verdict(
            logDays: reading.logRunLength - pointsShare, isUp: reading.isUpward,
            kind: reading.shift < 0.7 ? .drift : .shift, shift: reading.shift, onset: reading.onset)
    }

    private func logarithm(_ value: Float) -> Float { Float(naturalLogarithm(Double(value))) }

    /// Turns evidence into score and report, and accommodates what was reported.
    mutating func decide(_ verdict: inout Verdict, residual: Float, observed: Float, bar: Float) {
        let isLearning = Double(count) < max(Double(3 * Self.warmUpCount), options.learningDays * pointsPerDay)
        verdict.score = score(of: verdict.logDays, bar: bar)
        follow(residual: residual)
        if isLearning {
            verdict.score = 0
            return
        }
        guard verdict.logDays >= bar else {
            if episode.quiet > 0 { verdict.score *= 0.5 }
            return
        }
        if returns(verdict) {
            close()
            verdict.score *= 0.5
            return
        }
        if episode.quiet > 0 {
            if episode.isPending && verdict.kind != .spike && verdict.isUp == episode.isUp { accommodate(verdict) }
            verdict.score *= 0.5
            return
        }
        verdict.isReported = true
        if options.axis == .automatic && abs(observed) < 0.05 && !verdict.isUp { verdict.kind = .silence }
        open(verdict)
    }

    /// 0.5 at the bar, and nearly linear in the logarithm around it.
    private func score(of logDays: Float, bar: Float) -> Double {
        let run = logarithmOfOnePlus(exponential(Double(logDays.clamped(to: -20...40)) + 2))
        return run / (run + Double(bar) + 2)
    }

    private mutating func open(_ verdict: Verdict) {
        episode.isUp = verdict.isUp
        episode.age = 0
        episode.quiet = 12
        episode.isPending = verdict.kind == .spike
        if verdict.kind == .spike { return }
        accommodate(verdict)
    }

    /// The baseline moves to where the series now is, for as long as it stays there.
    private mutating func accommodate(_ verdict: Verdict) {
        let mean = verdict.shift > 2 ? recent[0] : verdict.shift > 0.7 ? recent[1] * 1.2 : recent[2] * 1.5
        let change = mean - episode.offset
        episode.offset = mean
        episode.isOpen = true
        episode.isPending = false
        episode.calm = 0
        episode.quiet = max(episode.quiet, 12)
        whitener.shift(by: -change)
        shift.reset()
    }

    /// Whether the alarm says that an open change is over.
    private func returns(_ verdict: Verdict) -> Bool {
        episode.isOpen && verdict.isUp != (episode.offset > 0) && abs(recent[0]) < 0.6 * abs(episode.offset)
    }

    private mutating func close() {
        whitener.shift(by: episode.offset)
        episode.isOpen = false
        episode.offset = 0
        episode.quiet = 6
        shift.reset()
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
        let hours = Float(max(6, pointsPerDay / 8))
        episode.offset += residual.clamped(to: -3 * sigma...3 * sigma) / hours
        let isCalm = abs(residual + episode.offset) < 2 * sigma && abs(episode.offset) > 2 * sigma
        episode.calm = isCalm ? episode.calm + 1 : 0
        if episode.calm >= 12 || abs(episode.offset) < 0.3 * sigma {
            close()
            return
        }
        let moved = episode.offset / Float(max(12, 1.5 * pointsPerDay))
        level += moved
        episode.offset -= moved
    }
}
