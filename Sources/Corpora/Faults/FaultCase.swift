import Bytes
import Records

/// Twenty minutes of a made system of 27 services, as logs and spans: ten healthy, then ten with a fault in one
/// service, whose callers show the symptoms more loudly than it does itself.
///
/// System, traffic, fault and the form of the records (spans of callers or not, time at the beginning or the end, trace
/// IDs in logs or not) follow from the seed. For measuring whether the service at fault is named.
public struct FaultCase: Sendable {
    public enum Kind: String, CaseIterable, Sendable {
        /// Its own work takes longer.
        case processor
        /// Long pauses now and then, and a restart.
        case memory
        /// Every message from and to it takes longer.
        case delay
        /// Some messages from and to it are lost and sent again.
        case loss
        /// Some requests to it fail.
        case errors
        /// It does not make a call that it should make.
        case skippedCall
        /// It answers, but wrongly, and its callers fail.
        case wrongAnswer
        /// It answers no more.
        case silence
        /// It is slow, and callers give up and ask again.
        case retries
    }

    public static let name = "faults"
    public static let summary =
        "Ten healthy minutes of 27 services with logs and spans, then ten with a fault in one; the seed decides."
    public static let rowsPerRequest = 24
    public static let defaultRows = 57_600
    /// Length of each half.
    public static let seconds = 600
    /// Nanoseconds since the epoch.
    public static let start: Int64 = 1_780_300_800_000_000_000

    public let seed: UInt64
    public let kind: Kind
    /// The name of the service at fault.
    public let service: String
    public var onset: Int64 { Self.start + Int64(Self.seconds) * 1_000_000_000 }
    public var end: Int64 { onset + Int64(Self.seconds) * 1_000_000_000 }
    /// In order of time.
    public let rows: [(time: Int64, fields: [(String, String)])]

    /// `requests`: in all; each makes some ten spans and twenty records.
    public init(seed: UInt64, kind wanted: Kind? = nil, requests: Int = 2_400) {
        self.seed = seed
        var stream = RandomStream(seed: seed)
        // Streams of neighbouring seeds must not be parts of one another.
        stream = RandomStream(seed: stream.next() ^ 0x5851_F42D_4C95_7F2D)
        let kind = wanted ?? Kind.allCases[Int(seed % UInt64(Kind.allCases.count))]
        var simulation = FaultSimulation(kind: kind, start: Self.start, seconds: Self.seconds, stream: &stream)
        simulation.run(requests: max(requests, 2))
        self.kind = kind
        service = FaultSystem.serviceNames[simulation.root]
        rows = simulation.rows.sorted { ($0.time, $0.number) < ($1.time, $1.number) }.map { ($0.time, $0.fields) }
    }

    /// One JSON object a line.
    public var lines: [UInt8] {
        var output: [UInt8] = []
        for row in rows {
            output += "{\"_time\":\"\(Timestamp(nanoseconds: row.time))\"".utf8
            for (name, value) in row.fields {
                output.append(UInt8(ascii: ","))
                JSONValue.append(quoting: name, to: &output)
                output.append(UInt8(ascii: ":"))
                JSONValue.append(quoting: value, to: &output)
            }
            output += "}\n".utf8
        }
        return output
    }

    /// Kind, service and windows as JSON.
    public var truthJSON: [UInt8] {
        let truth: JSONValue = [
            "corpus": "faults", "seed": .number(seed), "rows": .number(rows.count),
            "start": .string(Timestamp(nanoseconds: Self.start).description),
            "end": .string(Timestamp(nanoseconds: end).description),
            "faults": [
                [
                    "what": .string(kind.rawValue), "onset": .string(Timestamp(nanoseconds: onset).description),
                    "cause": ["service": [.string(service)]],
                ]
            ],
        ]
        return truth.bytes + [UInt8(ascii: "\n")]
    }
}
