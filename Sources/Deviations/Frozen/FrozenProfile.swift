import Statistics

/// What a series' baseline expected when it was frozen: level, times of day, days of the week and noise.
struct FrozenProfile: Sendable {
    var axis: SeriesDetector.Axis
    var unit: Double
    var level: Float
    var season: SeasonalProfile
    var week: WeeklyProfile
    /// Standard deviation of one evaluation around it, on the detector's axis.
    var deviation: Float

    /// On the detector's axis.
    func expected(at time: Int64) -> Float {
        let moment = Moment(time)
        var week = week
        return level + season.offset(at: moment.shareOfDay) + week.offset(day: moment.weekday, at: moment.shareOfDay)
    }

    func onScale(_ value: Double) -> Float {
        axis == .asGiven ? Float(value) : Float(areaSine(value / unit))
    }

    func offScale(_ value: Float) -> Double {
        axis == .asGiven ? Double(value) : hyperbolicSine(Double(value.clamped(to: -80...80))) * unit
    }

    func save(to writer: inout StateWriter) {
        writer.write(UInt32(axis.rawValue))
        writer.write(unit)
        writer.write(level)
        writer.write(deviation)
        season.save(to: &writer)
        week.save(to: &writer)
    }

    /// `isWide`: as saved by engines before version 7.
    init(from reader: inout StateReader, isWide: Bool) throws(StateError) {
        guard let axis = SeriesDetector.Axis(rawValue: UInt8(truncatingIfNeeded: try reader.readUInt32())) else {
            throw StateError(word: reader.position - 1)
        }
        self.axis = axis
        unit = try reader.readDouble()
        level = try reader.readFloat()
        deviation = try reader.readFloat()
        season = isWide ? try SeasonalProfile(wide: &reader) : try SeasonalProfile(from: &reader)
        week = isWide ? try WeeklyProfile(wide: &reader) : try WeeklyProfile(from: &reader)
    }

    /// Nil while the series has no baseline yet.
    init?(_ detector: SeriesDetector) {
        guard Float(detector.count) >= max(Float(SeriesDetector.warmUpCount), detector.pointsPerDay) else {
            return nil
        }
        axis = detector.axis
        unit = detector.unit
        level = detector.level
        season = detector.season
        week = detector.week
        deviation = max(detector.residualScale.standardDeviation, 0.005)
    }
}
