/// How each day of the week differs from the usual day: one offset a day, and six of four hours within it.
///
/// A day is learnt when it is over, so that nothing that happens during a day is taken for its habit. A difference is
/// believed only as far as it stands out from what days usually differ by; one weekend is enough when it is as
/// different as weekends are.
public struct WeeklyProfile: Sendable {
    private var dayOffsets = InlineArray<7, ShortFloat>(repeating: ShortFloat(bits: 0))
    private var partOffsets = InlineArray<42, ShortFloat>(repeating: ShortFloat(bits: 0))
    /// At most six.
    private var visits = InlineArray<7, UInt8>(repeating: 0)
    /// Of the day under way: sums and counts of its six parts.
    private var sums = InlineArray<6, Float>(repeating: 0)
    private var counts = InlineArray<6, UInt16>(repeating: 0)
    /// 255 before the first.
    private var today: UInt8 = 255
    /// At most 21.
    private var days: UInt8 = 0
    /// The mean square by which days, and parts of days, differ from what was expected of them.
    private var dayVariance: Float = 0
    private var partVariance: Float = 0
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

    /// The expected offset from the usual day. `day` is 0…6. Changes nothing; `mutating`, as what it calls, so that no
    /// copy is made to ask. O(1).
    public mutating func offset(day: Int, at share: Double) -> Float {
        let seen = Float(visits[day])
        guard seen > 0 else { return 0 }
        let position = share * 6 - 0.5
        let floor = position.rounded(.down)
        let from = part(day, max(0, Int(floor)))
        let to = part(day, min(5, Int(floor) + 1))
        let whole = Self.believed(dayOffsets[day].value, variance: dayVariance, visits: seen)
        return whole + from + (to - from) * Float(position - floor)
    }

    private mutating func part(_ day: Int, _ part: Int) -> Float {
        Self.believed(
            partOffsets[day * 6 + part].value, variance: partVariance, visits: Float(visits[day]))
    }

    /// How often this day of the week was seen to its end. O(1).
    public func visits(day: Int) -> Float { Float(visits[day]) }

    /// Takes in `value`, an observation without its time of day. `unitNoise` is the variance of one independent
    /// observation. O(1).
    public mutating func learn(_ value: Float, day: Int, at share: Double, unitNoise: Float) {
        if day != Int(today) {
            if today < 7 { fold(unitNoise: unitNoise) }
            today = UInt8(day)
        }
        let part = min(Int(share * 6), 5)
        sums[part] += value
        counts[part] &+= counts[part] == .max ? 0 : 1
    }

    /// The day is over.
    private mutating func fold(unitNoise: Float) {
        var sum: Float = 0
        var count: Float = 0
        for part in 0..<6 {
            sum += sums[part]
            count += Float(counts[part])
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
        let seen = Float(visits[day])
        let error = mean - usual - dayOffsets[day].value
        let reach = 3 * max(dayVariance, unitNoise / count).squareRoot()
        // A day seen for the first time may be of another kind; one that was seen before and is now far off says that
        // all days have moved.
        let isFar = abs(error) > reach
        if isFirstVisit || !isFar {
            dayOffsets[day] = ShortFloat(dayOffsets[day].value + error / (seen + (isFirstVisit ? 0 : 1)))
        }
        usual += isFar && !isFirstVisit ? 0.8 * error : error.clamped(to: -reach...reach) / Float(min(days, 5))
        learnVariance(&dayVariance, square: error * error, floor: unitNoise / count)
        for part in 0..<6 where Float(counts[part]) >= 0.5 * pointsPerPart {
            let place = day * 6 + part
            let rest = sums[part] / Float(counts[part]) - mean - partOffsets[place].value
            partOffsets[place] = ShortFloat(partOffsets[place].value + rest / seen)
            learnVariance(&partVariance, square: rest * rest, floor: unitNoise / Float(counts[part]))
        }
    }

    private func learnVariance(_ variance: inout Float, square: Float, floor: Float) {
        let bounded = days > 1 ? min(square, 9 * max(variance, floor)) : min(square, 9 * floor)
        variance = max(variance + (bounded - variance) / Float(max(days, 2)), floor)
    }

    public func save(to writer: inout StateWriter) {
        for day in 0..<7 { writer.write(UInt32(dayOffsets[day].bits) | UInt32(visits[day]) << 16) }
        for pair in 0..<21 {
            writer.write(UInt32(partOffsets[2 * pair].bits) | UInt32(partOffsets[2 * pair + 1].bits) << 16)
        }
        sums.save(to: &writer)
        for part in 0..<6 { writer.write(UInt32(counts[part])) }
        writer.write(bytes: [today, days, 0, 0])
        for value in [dayVariance, partVariance, usual, pointsPerPart] { writer.write(value) }
    }

    public init(from reader: inout StateReader) throws(StateError) {
        for day in 0..<7 {
            let word = try reader.readUInt32()
            dayOffsets[day] = ShortFloat(bits: UInt16(truncatingIfNeeded: word))
            visits[day] = UInt8(truncatingIfNeeded: word >> 16)
        }
        for pair in 0..<21 {
            let word = try reader.readUInt32()
            partOffsets[2 * pair] = ShortFloat(bits: UInt16(truncatingIfNeeded: word))
            partOffsets[2 * pair + 1] = ShortFloat(bits: UInt16(truncatingIfNeeded: word >> 16))
        }
        try sums.restore(from: &reader)
        for part in 0..<6 { counts[part] = UInt16(try reader.readCount(limit: 65_535)) }
        let bytes = try reader.readBytes()
        (today, days) = (bytes[0], bytes[1])
        dayVariance = try reader.readFloat()
        partVariance = try reader.readFloat()
        usual = try reader.readFloat()
        pointsPerPart = try reader.readFloat()
        guard today < 7 || today == 255, days <= 21 else { throw StateError(word: reader.position) }
    }

    /// Reads a profile of numbers of 32 bits, as states were saved before version 3.
    public init(wide reader: inout StateReader) throws(StateError) {
        for day in 0..<7 { dayOffsets[day] = ShortFloat(try reader.readFloat()) }
        for part in 0..<42 { partOffsets[part] = ShortFloat(try reader.readFloat()) }
        for day in 0..<7 { visits[day] = UInt8(try reader.readFloat().clamped(to: 0...6)) }
        try sums.restore(from: &reader)
        for part in 0..<6 { counts[part] = UInt16(try reader.readFloat().clamped(to: 0...65_535)) }
        let day = try reader.readInt32()
        guard (-1...6).contains(day) else { throw StateError(word: reader.position) }
        today = day < 0 ? 255 : UInt8(day)
        dayVariance = try reader.readFloat()
        partVariance = try reader.readFloat()
        days = UInt8(try reader.readFloat().clamped(to: 0...21))
        usual = try reader.readFloat()
        pointsPerPart = try reader.readFloat()
    }
}
