import Bytes
import Statistics

/// The baselines of all series as they were at one moment, kept under a name beside the living ones: what a launch is
/// compared with after the living baseline has moved on.
struct FrozenBaseline: Sendable {
    var name: String
    /// Event time, nanoseconds since the epoch.
    var capturedAt: Int64
    /// By series; nil for one that had none.
    var profiles: [FrozenProfile?]

    func save(to writer: inout ByteWriter) {
        writer.writeCounted(Array(name.utf8))
        writer.write(capturedAt)
        writer.writeVarint(profiles.count)
        for profile in profiles {
            var state = StateWriter()
            profile?.save(to: &state)
            writer.writeVarint(state.words.count)
            for word in state.words { writer.write(word) }
        }
    }

    init(name: String, capturedAt: Int64, profiles: [FrozenProfile?]) {
        self.name = name
        self.capturedAt = capturedAt
        self.profiles = profiles
    }

    @_lifetime(reader: copy reader)
    init(from reader: inout ByteReader, version: UInt32) throws(CorruptionError) {
        name = String(decoding: try reader.readCounted(), as: UTF8.self)
        capturedAt = try reader.readInt64()
        profiles = []
        for _ in 0..<(try reader.readCount(limit: EngineLimits.series)) {
            let count = try reader.readCount(limit: 1_024)
            var words: [UInt32] = []
            for _ in 0..<count { words.append(try reader.readUInt32()) }
            guard count > 0 else {
                profiles.append(nil)
                continue
            }
            var state = StateReader(words)
            do {
                profiles.append(try FrozenProfile(from: &state, isWide: version < 7))
            } catch {
                throw CorruptionError("a frozen baseline breaks off at word \(error.word)", offset: reader.offset)
            }
        }
    }
}

/// One series beside a frozen baseline.
public struct FrozenComparison: Sendable, Equatable {
    public var series: SeriesLabel
    /// Of the latest evaluations, in the reader's unit: counts an evaluation, geometric means, shares.
    public var observed: Double
    /// What the frozen baseline says of the same times, and what the living one does.
    public var frozen: Double
    public var living: Double
    /// How many standard errors lie between observed and frozen; positive for more.
    public var standardErrors: Double
    public var evaluations: Int
}
