/// What a detector says of one observation, from it and earlier ones alone.
public struct Assessment: Sendable, Equatable {
    /// What kind of change is seen.
    public enum Kind: UInt8, Sendable, CaseIterable {
        /// One or two observations far outside.
        case spike
        /// The level has moved.
        case shift
        /// The level is creeping.
        case drift
        /// A series that used to speak has fallen silent.
        case silence
    }

    public enum Direction: Int8, Sendable {
        case up = 1
        case down = -1
    }

    /// The range in which about 997 of 1,000 healthy observations of this moment lie, in the value's own unit.
    public var expectedLow: Double
    public var expectedHigh: Double
    /// The middle of the expected range.
    public var expected: Double
    /// 0…1, rising with the evidence; the flag stands at or above `SeriesDetector.flagScore`.
    public var score: Double
    /// Whether a deviation is reported with this observation. Once per change, not for as long as it lasts.
    public var deviation: Bool
    /// Whether a reported change still lasts.
    public var isOpen: Bool
    public var kind: Kind
    public var direction: Direction
    /// When the change began, nanoseconds since the epoch; the observation's own time where nothing is reported.
    public var onset: Int64
    /// ln of the days between false alarms of this strength.
    public var logDays: Double
    /// The observation's normal score: its residual's place in the series' own distribution.
    public var normalScore: Float
}
