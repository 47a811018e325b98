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
        guard Float(detector.count) >= detector.pointsPerDay else { return nil }
        self.init(ofWindow: detector)
    }

    /// Of a series that was seen in one window alone, for less than a day perhaps; nil for fewer than sixteen
    /// evaluations.
    init?(ofWindow detector: SeriesDetector) {
        guard detector.count >= UInt32(SeriesDetector.warmUpCount) else { return nil }
        axis = detector.axis
        unit = detector.unit
        level = detector.level
        season = detector.season
        week = detector.week
        deviation = max(detector.residualScale.standardDeviation, 0.005)
        // On the first day the level stands still, and its times of day hold what they have in common.
        if Float(detector.count) < detector.pointsPerDay { level += season.recenter() }
    }
}
