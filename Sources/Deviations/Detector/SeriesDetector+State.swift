import Bytes
import Statistics

extension SeriesDetector {
    /// Counts up when the layout changes; older ones are migrated in `init(from:)`.
    ///
    /// | version | change |
    /// |---|---|
    /// | 2 | residuals on the value's own axis |
    /// | 3 | packed: numbers of 8 and 16 bits, nothing where nothing was learnt |
    public static let stateVersion: UInt32 = 3

    /// The whole state as 32-bit words. O(1).
    public func save(to writer: inout StateWriter) {
        writer.write(Self.stateVersion)
        writer.write(days)
        writer.write(learning)
        let flags = (isIntegral ? 0x100 : 0) | (lastWasUp ? 0x200 : 0) | (countsRecords ? 0x400 : 0) as UInt32
        writer.write(UInt32(axis.rawValue) | flags)
        writer.write(count)
        writer.write(origin)
        writer.write(last)
        writer.write(meanSampling)
        guard count >= UInt32(Self.warmUpCount) else {
            for value in warmUp { writer.write(value) }
            return
        }
        writer.write(interval)
        writer.write(pointsPerDay)
        writer.write(unit)
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
        writer.write(fatigue)
        for jump in jumps {
            writer.write(missed)
            writer.write(silentSteps)
            writer.write(mostMissed)
            jump.histogram.save(to: &writer)
            jump.scale.save(to: &writer)
        }
    }

    /// Throws `StateError` for a state that is cut short or of an unknown version.
    public init(from reader: inout StateReader) throws(StateError) {
        let version = try reader.readUInt32()
        guard (1...Self.stateVersion).contains(version) else { throw StateError(word: reader.position - 1) }
        if version < 3 {
            try self.init(wide: &reader, version: version)
            return
        }
        self.init()
        days = try reader.readFloat()
        learning = try reader.readFloat()
        let flags = try reader.readUInt32()
        axis = try Self.axis(flags & 0xFF, at: reader.position)
        (isIntegral, lastWasUp) = (flags & 0x100 != 0, flags & 0x200 != 0)
        countsRecords = flags & 0x400 != 0
        count = try reader.readUInt32()
        origin = try reader.readInt64()
        last = try reader.readInt64()
        meanSampling = try reader.readFloat()
        guard count >= UInt32(Self.warmUpCount) else {
            for _ in 0..<count { warmUp.append(try reader.readFloat()) }
            return
        }
        interval = try reader.readInt64()
        setRate(Double(try reader.readFloat()))
        unit = try reader.readDouble()
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
        fatigue = try reader.readFloat()
        guard axis == .automatic else { return }
        missed = try reader.readFloat()
        silentSteps = try reader.readUInt32()
        mostMissed = try reader.readFloat()
        jumps = [Jumps(pointsPerDay: Double(pointsPerDay))]
        jumps[0].histogram = try ResidualHistogram(from: &reader)
        jumps[0].scale = try RobustScale(from: &reader)
    }

    private static func axis(_ number: UInt32, at word: Int) throws(StateError) -> Axis {
        guard let axis = Axis(rawValue: UInt8(truncatingIfNeeded: number)) else { throw StateError(word: word - 1) }
        return axis
    }

    /// Versions 1 and 2: numbers of 32 bits, sixteen first observations in every state.
    private init(wide reader: inout StateReader, version: UInt32) throws(StateError) {
        self.init()
        days = Float(try reader.readDouble())
        learning = Float(try reader.readDouble())
        axis = try Self.axis(try reader.readUInt32(), at: reader.position)
        for _ in 0..<Self.warmUpCount { warmUp.append(try reader.readFloat()) }
        count = try reader.readUInt32()
        warmUp.removeLast(Self.warmUpCount - (count < UInt32(Self.warmUpCount) ? Int(count) : 0))
        origin = try reader.readInt64()
        last = try reader.readInt64()
        interval = try reader.readInt64()
        setRate(try reader.readDouble())
        unit = try reader.readDouble()
        isIntegral = try reader.readBool()
        level = try reader.readFloat()
        season = try SeasonalProfile(wide: &reader)
        week = try WeeklyProfile(wide: &reader)
        whitener = try Prewhitener(from: &reader)
        scale = try RobustScale(from: &reader)
        residualScale = try RobustScale(from: &reader)
        trend = try ScaleTrend(from: &reader)
        histogram = try ResidualHistogram(wide: &reader)
        spread = try VarianceTime(wide: &reader)
        change = try ChangeDetector(wide: &reader)
        episode = try Episode(from: &reader)
        for index in recent.indices { recent[index] = try reader.readFloat() }
        lastSurprise = try reader.readFloat()
        lastWasUp = try reader.readBool()
        meanSampling = try reader.readFloat()
        fatigue = try reader.readFloat()
        // Before version 2 there were none: learnt anew; until then the scaled residuals decide alone.
        var known = Jumps(pointsPerDay: Double(pointsPerDay))
        if version >= 2 {
            known.histogram = try ResidualHistogram(wide: &reader)
            known.scale = try RobustScale(from: &reader)
        }
        if axis == .automatic { jumps = [known] }
    }
}
