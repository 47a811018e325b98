/// How each day of the week differs from the usual day: 7 × 6 cells of four hours, and one offset for each whole day.
///
/// A difference is believed only as far as it stands out from the noise of its own mean, so that a series without a week
/// has none. One weekend is enough when it is as different as weekends are.
public struct WeeklyProfile: Sendable {
    private var dayOffsets = InlineArray<7, Float>(repeating: 0)
    private var dayWeights = InlineArray<7, Float>(repeating: 0)
    private var offsets = InlineArray<42, Float>(repeating: 0)
    private var weights = InlineArray<42, Float>(repeating: 0)
    private var noise: Float = 0
    private var cellMemory: Float = 100

    public init() {}

    public init(pointsPerDay: Double) { cellMemory = Float(max(4, pointsPerDay / 6 * 4)) }

    private static func believed(_ offset: Float, weight: Float, noise: Float, strictness: Float) -> Float {
        let square = offset * offset
        guard weight > 0, square > 0 else { return 0 }
        return offset * max(0, 1 - strictness * noise / (weight * square))
    }

    private static func place(_ share: Double) -> (left: Int, right: Int, rightShare: Float) {
        let position = share * 6 - 0.5
        let floor = position.rounded(.down)
        return (max(0, Int(floor)), min(5, Int(floor) + 1), Float(position - floor))
    }

    /// The expected offset from the usual day. `day` is 0…6. O(1).
    public func offset(day: Int, at share: Double) -> Float {
        let (left, right, rightShare) = Self.place(share)
        let from = Self.believed(offsets[day * 6 + left], weight: weights[day * 6 + left], noise: noise, strictness: 8)
        let to = Self.believed(offsets[day * 6 + right], weight: weights[day * 6 + right], noise: noise, strictness: 8)
        let whole = Self.believed(dayOffsets[day], weight: dayWeights[day], noise: noise, strictness: 8)
        return whole + from + (to - from) * rightShare
    }

    /// Observations of this day of the week. O(1).
    public func evidence(day: Int) -> Float { dayWeights[day] }

    /// Moves towards `value`, the offset from the usual day. `unitNoise` is the variance of one independent observation. O(1).
    public mutating func learn(
        _ value: Float, day: Int, at share: Double, clip: Float, unitNoise: Float, slowdown: Float
    ) {
        noise = unitNoise
        let young = dayWeights[day] < cellMemory
        let wide = young ? 20 * clip : clip
        let gain = 1 / min(dayWeights[day] + 1, 6 * cellMemory) * (young ? 1 : slowdown)
        dayOffsets[day] += (value - dayOffsets[day]).clamped(to: -wide...wide) * gain
        dayWeights[day] = min(dayWeights[day] + 1, 6 * cellMemory)
        let (left, right, rightShare) = Self.place(share)
        let cell = day * 6 + (rightShare < 0.5 ? left : right)
        let cellGain = 1 / min(weights[cell] + 1, cellMemory) * (young ? 1 : slowdown)
        let rest = value - dayOffsets[day] - offsets[cell]
        offsets[cell] += rest.clamped(to: -wide...wide) * cellGain
        weights[cell] = min(weights[cell] + 1, cellMemory)
    }

    public func save(to writer: inout StateWriter) {
        dayOffsets.save(to: &writer)
        dayWeights.save(to: &writer)
        offsets.save(to: &writer)
        weights.save(to: &writer)
        writer.write(noise)
        writer.write(cellMemory)
    }

    public init(from reader: inout StateReader) throws(StateError) {
        try dayOffsets.restore(from: &reader)
        try dayWeights.restore(from: &reader)
        try offsets.restore(from: &reader)
        try weights.restore(from: &reader)
        noise = try reader.readFloat()
        cellMemory = try reader.readFloat()
    }
}
