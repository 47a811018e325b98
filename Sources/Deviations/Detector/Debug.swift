extension SeriesDetector {
    public var diagnostics: String {
        "level \(level) trust \(season.trust) phi \(whitener.autocorrelation) s \(scale.standardDeviation) rs \(residualScale.standardDeviation) k \(spread.inflation(0)) \(spread.inflation(1)) \(spread.inflation(2)) \(spread.inflation(3)) open \(episode.isOpen) off \(episode.offset) unit \(unit) recent \(recent[1]) \(week.debug)"
    }
}
