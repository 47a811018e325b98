import Statistics

/// A detector whose score ranks all observations of all series, those below the threshold too.
///
/// `SeriesDetector` asks whether a healthy series would do this once in a hundred days, and answers rarely. Somebody
/// who looks through series wants the strangest moments of each first, strange enough or not. So below the flags the
/// score follows the novelty of the course (`ShapeNovelty`), less what stood out shortly before: one event is one peak,
/// and the longer a series has been seen, the longer its peaks cast their shadow.
///
/// | score | means |
/// |---|---|
/// | 0.5…1 | a deviation is reported here |
/// | 0.36…0.5 | evidence of a lasting change, more than this series has shown of late |
/// | 0…0.36 | how unlike anything before the latest course is |
public struct RankedDetector: Sendable {
    /// What a report counts among novelties.
    private static let reported = 4.0
    private static let highestNovelty = 0.36
    /// By how much evidence must exceed novelties to stand out, and what has stood out to do so again.
    private static let firstStep = 0.02
    private static let step = 0.05

    private var detector: SeriesDetector
    private var novelty = ShapeNovelty()
    /// What recent peaks take off.
    private var shadow = 0.0
    /// The most evidence below the flags of late, as a score.
    private var record = RankedDetector.highestNovelty
    private var count = 0

    public init(options: SeriesDetector.Options = SeriesDetector.Options()) {
        detector = SeriesDetector(options: options)
    }

    /// As `SeriesDetector.update`, the score apart. O(1), some 5 µs.
    public mutating func update(time: Int64, value: Double) -> Assessment {
        var assessment = detector.update(time: time, value: value)
        guard value.isFinite else { return assessment }
        count += 1
        let strangeness = novelty.update(value)
        let evidence = assessment.deviation ? max(strangeness, Self.reported) : strangeness
        let excess = max(evidence - shadow, 0)
        shadow = max(shadow * powerOfTwo(-1 / (0.1 * Double(count) + 50)), evidence)
        let formal = assessment.score
        let ranked = Self.highestNovelty * (1 - exponential(-excess / 3))
        // What a series has shown is forgotten within weeks.
        record = max(record - 0.05 / max(4_000, 14 * Double(detector.pointsPerDay)), Self.highestNovelty)
        let isFirst = record < Self.highestNovelty + 0.01
        let isRecord = formal > record + (isFirst ? Self.firstStep : Self.step)
        assessment.score = assessment.deviation || isRecord ? max(formal, ranked) : ranked
        if isRecord && !assessment.deviation { record = min(formal, SeriesDetector.flagScore) }
        return assessment
    }
}
