/// What `/api/v1/…` answers, as the commands read it. The server writes these in `Web`; both sides are tested together
/// by the whole-path test.

struct TraceDocument: Decodable {
    struct Row: Decodable {
        var record: Int
        var service: String
        var label: String
        var level: String
        var depth: Int
        var startNanoseconds: Int64
        var endNanoseconds: Int64
    }

    var id: String
    var engineMicroseconds: Double
    /// Whether there are more records than these.
    var isCut: Bool
    var partial: String?
    var services: [String]
    var records: [[String: String]]
    var waterfall: [Row]
}

struct DeviationsDocument: Decodable {
    struct Cause: Decodable {
        var fields: [String: String]
        var evidence: String
    }

    struct Sample: Decodable {
        var time: String
        var line: String
        var traceId: String?
    }

    struct Deviation: Decodable {
        var id: String
        var kind: String
        var title: String
        var series: String
        var labels: [String: String]
        var unit: String
        var onset: String
        var detectedAt: String
        var endedAt: String?
        var observed: Double?
        var expectedLow: Double?
        var expectedHigh: Double?
        var score: Double
        var causes: [Cause]
        var samples: [Sample]
    }

    /// What the watching layer has still to read.
    var backlogGroups: Int?
    var deviations: [Deviation]
}

/// Prometheus' form.
struct AlertsDocument: Decodable {
    struct Alert: Decodable {
        var state: String
        var activeAt: String
        var labels: [String: String]
        var annotations: [String: String]
    }

    struct List: Decodable {
        var alerts: [Alert]
    }

    var data: List
}

struct StatisticsDocument: Decodable {
    struct Column: Decodable {
        var name: String
        var bytesRaw: Int
        var bytesStored: Int
        var encodings: String
    }

    var rows: Int
    var segments: Int
    var bytesRaw: Int
    var bytesStored: Int
    var journalBytes: Int
    var writeAmplification: Double
    var bytesByEncoding: [String: Int]
    var columns: [Column]
}

/// The ground truth that a corpus writes with `--truth`.
struct TruthDocument: Decodable {
    struct Fault: Decodable {
        var what: String
        var onset: String
        /// Field → the values that the fault touches.
        var cause: [String: [String]]
        var exampleTrace: String
    }

    var corpus: String
    var launch: String
    var faults: [Fault]
}
