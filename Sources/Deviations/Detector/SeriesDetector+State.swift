import Bytes
import Statistics

extension SeriesDetector {
    /// Counts up when the layout changes; older ones are migrated in `init(from:)`.
    public static let stateVersion: UInt32 = 2

    /// The whole state as 32-bit words. O(1).
    public func save(to writer: inout StateWriter) {
        writer.write(Self.stateVersion)
        writer.write(options.daysBetweenFalseAlarms)
        writer.write(options.learningDays)
        writer.write(UInt32(options.axis.rawValue))
        for index in warmUp.indices { writer.write(warmUp[index]) }
        writer.write(count)
        writer.write(origin)
        writer.write(last)
        writer.write(interval)
        writer.write(pointsPerDay)
        writer.write(unit)
        writer.write(isIntegral)
        writer.write(level)
        season.save(to: &writer)
        week.save(to: &writer)
        whitener.save(to: &writer)
        scale.save(to: &writer)
        residualScale.save(to: &writer)
        trend.save(to: &writer)
        histogram.save(to: &writer)
        spread.save(to: &writer)
        change.save(to: &writer)
        episode.save(to: &writer)
        for index in recent.indices { writer.write(recent[index]) }
        writer.write(lastSurprise)
        writer.write(lastWasUp)
        writer.write(meanSampling)
        writer.write(fatigue)
        jumps.save(to: &writer)
        jumpScale.save(to: &writer)
    }

    /// Throws `StateError` for a state that is cut short or of an unknown version.
    public init(from reader: inout StateReader) throws(StateError) {
        let version = try reader.readUInt32()
        guard (1...Self.stateVersion).contains(version) else { throw StateError(word: reader.position - 1) }
        var options = Options()
        options.daysBetweenFalseAlarms = try reader.readDouble()
        options.learningDays = try reader.readDouble()
        guard let axis = Axis(rawValue: UInt8(truncatingIfNeeded: try reader.readUInt32())) else {
            throw StateError(word: reader.position - 1)
        }
        options.axis = axis
        self.init(options: options)
        for index in warmUp.indices { warmUp[index] = try reader.readFloat() }
        count = try reader.readUInt32()
        origin = try reader.readInt64()
        last = try reader.readInt64()
        interval = try reader.readInt64()
        pointsPerDay = try reader.readDouble()
        unit = try reader.readDouble()
        isIntegral = try reader.readBool()
        level = try reader.readFloat()
        season = try SeasonalProfile(from: &reader)
        week = try WeeklyProfile(from: &reader)
        whitener = try Prewhitener(from: &reader)
        scale = try RobustScale(from: &reader)
        residualScale = try RobustScale(from: &reader)
        trend = try ScaleTrend(from: &reader)
        histogram = try ResidualHistogram(from: &reader)
        spread = try VarianceTime(from: &reader)
        change = try ChangeDetector(from: &reader)
        episode = try Episode(from: &reader)
        for index in recent.indices { recent[index] = try reader.readFloat() }
        lastSurprise = try reader.readFloat()
        lastWasUp = try reader.readBool()
        meanSampling = try reader.readFloat()
        fatigue = try reader.readFloat()
        guard version >= 2 else {
            // Learnt anew; until then the scaled residuals decide alone.
            jumps = ResidualHistogram(memory: (14 * pointsPerDay).clamped(to: 1_000...20_000))
            jumpScale = RobustScale(memory: (3 * pointsPerDay).clamped(to: 256...8_640))
            return
        }
        jumps = try ResidualHistogram(from: &reader)
        jumpScale = try RobustScale(from: &reader)
    }
}
