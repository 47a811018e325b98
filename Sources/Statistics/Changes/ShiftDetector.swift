#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Finds a lasting change of the mean of standard normal scores, of any size and either sign, however it creeps up: a
/// mixture of Shiryaev–Roberts e-detectors (Shin, Ramdas and Rinaldo, 2024; Pollak, 1985).
///
/// For each assumed shift δ it keeps R ← (1 + R)·exp(δz − δ²/2), whose mean grows by at most 1 a step while nothing has
/// changed: R ≥ A happens no more often than once in A steps. A drift is caught by the small shifts, a jump by the large.
public struct ShiftDetector: Sendable {
    /// The assumed shifts, in standard deviations of one score.
    public static let shifts: InlineArray<8, Float> = [0.1, 0.18, 0.3, 0.5, 0.9, 1.5, 2.5, 4]
    /// Which scale of `VarianceTime` each one adds up over.
    private static let scales: InlineArray<8, Int> = [3, 3, 2, 2, 1, 0, 0, 0]
    private static let members = 8

    /// ln R, upward members first.
    private var logs = InlineArray<16, Float>(repeating: -20)
    /// When R was last below 1, in the caller's unit.
    private var onsets = InlineArray<16, UInt32>(repeating: 0)

    public init() {}

    /// What the strongest member says.
    public struct Reading: Sendable {
        /// ln of the steps between false alarms of this strength, all members together.
        public var logRunLength: Float
        public var isUpward: Bool
        /// The assumed shift of the strongest member: small for a drift.
        public var shift: Float
        /// When the change began, as far as can be told.
        public var onset: UInt32
    }

    /// Takes in one score. O(members).
    public mutating func update(_ score: Float, at time: UInt32, spread: VarianceTime) -> Reading {
        var best: Float = -.infinity
        var strongest = 0
        for member in 0..<Self.members {
            let shift = Self.shifts[member]
            let inflation = spread.inflation(Self.scales[member])
            let scaled = inflation == 1 ? score : score / inflation.squareRoot()
            let bonus = 0.583 * shift
            let up = step(member, by: shift * scaled - shift * shift / 2, at: time)
            if up + bonus > best { (best, strongest) = (up + bonus, member) }
            let down = step(member + 8, by: -shift * scaled - shift * shift / 2, at: time)
            if down + bonus > best { (best, strongest) = (down + bonus, member + 8) }
        }
        return Reading(
            logRunLength: best - 2.772_589, isUpward: strongest < 8, shift: Self.shifts[strongest & 7],
            onset: onsets[strongest])
    }

    @inline(__always)
    private mutating func step(_ index: Int, by gain: Float, at time: UInt32) -> Float {
        let before = logs[index]
        if before < 0.7 { onsets[index] = time }
        // ln(1 + R), where 1 hardly counts for a large R.
        let raised = before > 12 ? before : log(1 + exp(before))
        let after = max(raised + gain, -20)
        logs[index] = after
        return after
    }

    /// Forgets all evidence, after an alarm. O(members).
    public mutating func reset() {
        for index in logs.indices { logs[index] = -20 }
    }

    public func save(to writer: inout StateWriter) {
        logs.save(to: &writer)
        onsets.save(to: &writer)
    }

    public init(from reader: inout StateReader) throws(StateError) {
        try logs.restore(from: &reader)
        try onsets.restore(from: &reader)
    }
}
