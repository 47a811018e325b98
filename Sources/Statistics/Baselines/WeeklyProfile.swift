/// How each day of the week differs from the usual day: one offset a day, and six of four hours within it.
///
/// A day is learnt when it is over, so that nothing that happens during a day is taken for its habit. A difference is
/// believed only as far as it stands out from what days usually differ by; one weekend is enough when it is as
/// different as weekends are.
public struct WeeklyProfile: Sendable {
    private var dayOffsets = InlineArray<7, Float>(repeating: 0)
    private var partOffsets = InlineArray<42, Float>(repeating: 0)
    private var visits = InlineArray<7, Float>(repeating: 0)
    /// Of the day under way: sums and counts of its six parts.
    private var sums = InlineArray<6, Float>(repeating: 0)
    private var counts = InlineArray<6, Float>(repeating: 0)
    private var today: Int32 = -1
    /// The mean square by which days, and parts of days, differ from what was expected of them.
    private var dayVariance: Float = 0
    private var partVariance: Float = 0
    private var days: Float = 0
    /// The mean of a usual day.
    private var usual: Float = 0
    private var pointsPerPart: Float = 48

    public init() {}

    public init(pointsPerDay: Double) { pointsPerPart = Float(max(1, pointsPerDay / 6)) }

    private static func believed(_ offset: Float, variance: Float, visits: Float) -> Float {
        let square = offset * offset
        guard visits > 0, square > 0 else { return 0 }
        return offset * max(0, 1 - 9 * variance / (visits * square))
    }

    /// The expected offset from the usual day. `day` is 0…6. O(1).
    public func offset(day: Int, at share: Double) -> Float {
        guard visits[day] > 0 else { return 0 }
        let position = share * 6 - 0.5
        let floor = position.rounded(.down)
        let from = part(day, max(0, Int(floor)))
        let to = part(day, min(5, Int(floor) + 1))
        let whole = Self.believed(dayOffsets[day], variance: dayVariance, visits: visits[day])
        return whole + from + (to - from) * Float(position - floor)
    }

    private func part(_ day: Int, _ part: Int) -> Float {
        Self.believed(partOffsets[day * 6 + part], variance: partVariance, visits: visits[day])
    }

    /// How often this day of the week was seen to its end. O(1).
    public func visits(day: Int) -> Float { visits[day] }

    /// Takes in `value`, an observation without its time of day. `unitNoise` is the variance of one independent
    /// observation. O(1).
    public mutating func learn(_ value: Float, day: Int, at share: Double, unitNoise: Float) {
        if Int32(day) != today {
            if today >= 0 { fold(unitNoise: unitNoise) }
            today = Int32(day)
        }
        let part = min(Int(share * 6), 5)
        sums[part] += value
        counts[part] += 1
    }

    /// The day is over.
    private mutating func fold(unitNoise: Float) {
        var sum: Float = 0
        var count: Float = 0
        for part in 0..<6 {
            sum += sums[part]
            count += counts[part]
        }
        if count >= 3 * pointsPerPart { fold(mean: sum / count, count: count, unitNoise: unitNoise) }
        for part in 0..<6 {
            sums[part] = 0
            counts[part] = 0
        }
    }

    private mutating func fold(mean: Float, count: Float, unitNoise: Float) {
        let day = Int(today)
        let isFirstVisit = visits[day] == 0
        visits[day] = min(visits[day] + 1, 6)
        days = min(days + 1, 21)
        if days == 1 { usual = mean }
        let error = mean - usual - dayOffsets[day]
        let reach = 3 * max(dayVariance, unitNoise / count).squareRoot()
        // A day seen for the first time may be of another kind; one that was seen before and is now far off says that
        // all days have moved.
        let isFar = abs(error) > reach
        if isFirstVisit || !isFar { dayOffsets[day] += error / (visits[day] + (isFirstVisit ? 0 : 1)) }
        usual += isFar && !isFirstVisit ? 0.8 * error : error.clamped(to: -reach...reach) / min(days, 5)
        learnVariance(&dayVariance, square: error * error, floor: unitNoise / count)
        for part in 0..<6 where counts[part] >= 0.5 * pointsPerPart {
            let rest = sums[part] / counts[part] - mean - partOffsets[day * 6 + part]
            partOffsets[day * 6 + part] += rest / visits[day]
            learnVariance(&partVariance, square: rest * rest, floor: unitNoise / counts[part])
        }
    }

    private func learnVariance(_ variance: inout Float, square: Float, floor: Float) {
        let bounded = days > 1 ? min(square, 9 * max(variance, floor)) : min(square, 9 * floor)
        variance = max(variance + (bounded - variance) / max(days, 2), floor)
    }

    public func save(to writer: inout StateWriter) {
        dayOffsets.save(to: &writer)
        partOffsets.save(to: &writer)
        visits.save(to: &writer)
        sums.save(to: &writer)
        counts.save(to: &writer)
        writer.write(today)
        for value in [dayVariance, partVariance, days, usual, pointsPerPart] { writer.write(value) }
    }

    public init(from reader: inout StateReader) throws(StateError) {
        try dayOffsets.restore(from: &reader)
        try partOffsets.restore(from: &reader)
        try visits.restore(from: &reader)
        try sums.restore(from: &reader)
        try counts.restore(from: &reader)
        today = try reader.readInt32()
        guard (-1...6).contains(today) else { throw StateError(word: reader.position) }
        dayVariance = try reader.readFloat()
        partVariance = try reader.readFloat()
        days = try reader.readFloat()
        usual = try reader.readFloat()
        pointsPerPart = try reader.readFloat()
    }
}
