import Bytes
import Records
import Templates

/// Notices error messages of a form that was never seen while the engine learnt.
///
/// Only records that are errors are mined, so that the cost follows their share. A form is new if its first message
/// came after the learning time; it is told of once it has come `least` times within a few hours, because a single odd
/// message is no incident.
struct PatternWatch: Sendable {
    /// Messages of a new form before it is told of.
    static let least = 8
    /// In nanoseconds: the time within which they must come.
    static let window: Int64 = 6 * 3_600_000_000_000
    /// Forms remembered.
    static let maximumShapes = 4_096

    struct Track: Sendable {
        var first: Int64
        /// Messages since `since`, which moves on when the window has passed.
        var since: Int64
        var count = 0
        var service: UInt16
        var isTold = false
    }

    struct News: Sendable {
        var number: Int
        var service: UInt16
        var text: ByteString
        var first: Int64
        var count: Int
    }

    private(set) var miner = TemplateMiner(maximumShapes: PatternWatch.maximumShapes)
    private(set) var tracks: [Int: Track] = [:]
    /// Event time from which a form is new; `Int64.max` before the first record.
    private(set) var learntAt = Int64.max

    /// Sets the end of the learning time at the first record.
    mutating func start(at time: Int64, learning: Int64) {
        if learntAt == .max { learntAt = time &+ learning }
    }

    /// Takes in an error's message; answers the form if it is to be told of now. O(length) for a known form.
    mutating func add(_ message: RawSpan, time: Int64, service: UInt16) -> News? {
        let number = miner.assign(message, time: Timestamp(nanoseconds: time))
        guard number != TemplateMiner.forgottenNumber else { return nil }
        guard var track = tracks[number] else {
            tracks[number] = Track(first: time, since: time, count: 1, service: service)
            if tracks.count > 2 * Self.maximumShapes { forget() }
            return nil
        }
        if track.isTold || track.first < learntAt { return nil }
        if time - track.since > Self.window {
            track.since = time
            track.count = 0
        }
        track.count += 1
        defer { tracks[number] = track }
        guard track.count >= Self.least else { return nil }
        track.isTold = true
        // What looked new at first may have joined an older form since.
        miner.consolidate()
        let now = miner.resolve(number)
        guard now == number || (tracks[now]?.first ?? .max) >= learntAt else { return nil }
        return News(
            number: number, service: service, text: miner.template(now).text, first: track.first, count: track.count)
    }

    /// Drops what the miner itself has forgotten, then the longest unseen.
    private mutating func forget() {
        tracks = tracks.filter { miner.resolve($0.key) == $0.key }
        guard tracks.count > Self.maximumShapes else { return }
        let old = tracks.sorted { ($0.value.since, $0.key) < ($1.value.since, $1.key) }
        for (number, _) in old.prefix(tracks.count - Self.maximumShapes) { tracks[number] = nil }
    }

    func save(to writer: inout ByteWriter) {
        miner.encode(into: &writer)
        writer.write(learntAt)
        writer.writeVarint(tracks.count)
        for (number, track) in tracks.sorted(by: { $0.key < $1.key }) {
            writer.writeVarint(number)
            writer.write(track.first)
            writer.write(track.since)
            writer.writeVarint(track.count)
            writer.write(track.service)
            writer.write(track.isTold ? 1 : 0 as UInt8)
        }
    }

    init() {}

    @_lifetime(reader: copy reader)
    init(from reader: inout ByteReader) throws(CorruptionError) {
        miner = try TemplateMiner(from: &reader, maximumShapes: Self.maximumShapes)
        learntAt = try reader.readInt64()
        for _ in 0..<(try reader.readCount(limit: 2 * Self.maximumShapes + 1)) {
            let number = try reader.readCount(limit: .max)
            var track = Track(first: try reader.readInt64(), since: try reader.readInt64(), service: 0)
            track.count = try reader.readCount(limit: .max)
            track.service = try reader.readUInt16()
            track.isTold = try reader.readUInt8() != 0
            tracks[number] = track
        }
    }
}
