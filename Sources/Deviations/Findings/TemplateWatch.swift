import Bytes
import Records
import Templates

/// Notices messages that services used to write and write no more, and tells apart the forms whose rates are watched.
///
/// One of eight records' messages is mined. A form of one service has vanished if it stays away for three times as long
/// as ever before, and for an hour, and for as many mined messages of its service as usually have 25 of it among them,
/// although the service goes on. A form that comes at night only is not missed by day: its longest pause is known.
struct TemplateWatch: Sendable {
    /// One record in so many is mined.
    static let sampling = 8
    /// Which one of so many: the highest bits of a product (multiplicative hashing, Knuth 1973), the same in a replay.
    static func pick(_ number: UInt64) -> UInt64 {
        var mixed = number &* 0x9E37_79B9_7F4A_7C15
        mixed = (mixed ^ (mixed >> 32)) &* 0xD6E8_FEB8_6659_FD93
        return mixed >> 61
    }
    /// Mined messages without which a form is too rare to be missed.
    private static let least = 200
    private static let missed = 25.0
    /// Nanoseconds.
    private static let shortest: Int64 = 3_600_000_000_000
    /// Mined messages from which the rate of a form is watched, of so many forms a service at once, and so many ever.
    private static let leastForRate: UInt32 = 50
    private static let watchedForms = 16
    private static let formsEver = EngineLimits.valuesPerDimension
    /// Nanoseconds without a message after which the rate of a form is watched no more: three days.
    private static let gone: Int64 = 259_200_000_000_000
    private static let maximumShapes = 4_096
    private static let maximumTracks = 8_192

    struct Track: Sendable {
        var first: Int64
        var last: Int64
        var count = 1
        /// Nanoseconds without the form, at most so far.
        var longestPause: Int64 = 0
        var isTold = false
        /// Mined messages of the service, up to and with the first and the latest of the form.
        var minedAtFirst: Int
        var minedAtLast: Int
    }

    /// A shape of messages, as its rate is watched: finer than a template, and its number stays.
    private struct Form {
        var count: UInt32 = 0
        var last: Int64
        /// From 1, where its rate is watched; 0 otherwise.
        var code: UInt16 = 0
    }

    private struct Key: Hashable, Comparable {
        var service: UInt16
        var number: Int

        static func < (left: Key, right: Key) -> Bool { (left.service, left.number) < (right.service, right.number) }
    }

    private var miner = TemplateMiner(maximumShapes: TemplateWatch.maximumShapes)
    private var tracks: [Key: Track] = [:]
    /// Mined messages of each service.
    private var minedOf: [UInt16: Int] = [:]
    private var forms: [Key: Form] = [:]
    /// By service, at `code − 1`: the numbers of the forms whose rates are or were watched; and how many are.
    private var formsOf: [UInt16: [Int]] = [:]
    private var watchedOf: [UInt16: Int] = [:]

    /// Takes in a message; answers the code of its form where the rate of that is watched, 0 otherwise. O(length).
    mutating func add(_ message: RawSpan, time: Int64, service: UInt16) -> UInt16 {
        let shape = miner.shape(of: message, time: Timestamp(nanoseconds: time))
        let number = miner.resolve(shape)
        guard number != TemplateMiner.forgottenNumber else { return 0 }
        follow(Key(service: service, number: number), time: time)
        return count(Key(service: service, number: shape), time: time)
    }

    /// Bytes of a message that are looked at.
    static let sampleBytes = TemplateMiner.sampleBytes
    /// Where the variables of the message taken in last lie, and the hash of the text between them.
    var lastVariables: [Range<UInt32>] { miner.lastVariables }
    var lastStaticHash: UInt64 { miner.lastStaticHash }

    private mutating func follow(_ key: Key, time: Int64) {
        let mined = minedOf[key.service, default: 0] + 1
        minedOf[key.service] = mined
        guard var track = tracks[key] else {
            if tracks.count < Self.maximumTracks {
                tracks[key] = Track(first: time, last: time, minedAtFirst: mined, minedAtLast: mined)
            }
            return
        }
        track.count += 1
        track.minedAtLast = mined
        if time > track.last {
            track.longestPause = max(track.longestPause, time - track.last)
            track.last = time
            track.isTold = false
        }
        tracks[key] = track
    }

    private mutating func count(_ key: Key, time: Int64) -> UInt16 {
        guard var form = forms[key] else {
            if forms.count < Self.maximumTracks { forms[key] = Form(count: 1, last: time) }
            return 0
        }
        form.count &+= form.count == .max ? 0 : 1
        form.last = max(form.last, time)
        if form.code == 0, form.count >= Self.leastForRate { form.code = freshCode(key) }
        forms[key] = form
        return form.code
    }

    private mutating func freshCode(_ key: Key) -> UInt16 {
        guard watchedOf[key.service, default: 0] < Self.watchedForms,
            formsOf[key.service, default: []].count < Self.formsEver
        else { return 0 }
        formsOf[key.service, default: []].append(key.number)
        watchedOf[key.service, default: 0] += 1
        return UInt16(formsOf[key.service]?.count ?? 0)
    }

    /// The text of a form whose rate is or was watched.
    func text(service: UInt16, code: UInt16) -> ByteString {
        guard code > 0, let known = formsOf[service], Int(code) <= known.count else { return .empty }
        let number = known[Int(code) - 1]
        return miner.text(ofShape: number) ?? miner.template(miner.resolve(number)).text
    }

    /// Takes the codes from forms that were absorbed into a pattern or forgotten, and from those long gone; answers
    /// them. O(forms watched).
    mutating func retired(at time: Int64) -> [(service: UInt16, code: UInt16)] {
        var retired: [(service: UInt16, code: UInt16)] = []
        for (service, known) in formsOf.sorted(by: { $0.key < $1.key }) {
            for number in known {
                let key = Key(service: service, number: number)
                guard let form = forms[key], form.code > 0 else { continue }
                if miner.isShape(number), time - form.last <= Self.gone { continue }
                retired.append((service, form.code))
                forms[key] = nil
                watchedOf[service, default: 1] -= 1
            }
        }
        if forms.count >= Self.maximumTracks { forms = forms.filter { time - $0.value.last <= Self.gone } }
        return retired
    }

    /// Services and texts of the forms that are missed at `time`, each told of once until it comes again. `isSpeaking`
    /// says whether a service goes on. O(forms).
    mutating func vanished(
        at time: Int64, learning: Int64, isSpeaking: (UInt16) -> Bool
    ) -> [(service: UInt16, text: ByteString, last: Int64)] {
        var found: [(service: UInt16, text: ByteString, last: Int64)] = []
        for key in tracks.keys.sorted() {
            guard let track = tracks[key], !track.isTold, track.count >= Self.least else { continue }
            let pause = time - track.last
            let known = track.last - track.first
            guard known >= learning, pause > Self.shortest, pause > 3 * track.longestPause else { continue }
            // By the service's own pace: a night in which it says little is no pause of one of its forms.
            let share = Double(track.count) / Double(track.minedAtLast - track.minedAtFirst + 1)
            let usual = share * Double(minedOf[key.service, default: 0] - track.minedAtLast)
            guard usual >= Self.missed, isSpeaking(key.service) else { continue }
            // Forms merge as more of them are seen: then another number goes on.
            guard miner.resolve(key.number) == key.number else {
                tracks[key] = nil
                continue
            }
            tracks[key]?.isTold = true
            found.append((key.service, miner.template(key.number).text, track.last))
        }
        return found
    }

    func save(to writer: inout ByteWriter) {
        miner.encode(into: &writer)
        writer.writeVarint(tracks.count)
        for (key, track) in tracks.sorted(by: { $0.key < $1.key }) {
            writer.write(key.service)
            writer.writeVarint(key.number)
            for time in [track.first, track.last, track.longestPause] { writer.write(time) }
            writer.writeVarint(track.count)
            writer.write(track.isTold ? 1 : 0 as UInt8)
            writer.writeVarint(track.minedAtFirst)
            writer.writeVarint(track.minedAtLast)
        }
        writer.writeVarint(minedOf.count)
        for (service, mined) in minedOf.sorted(by: { $0.key < $1.key }) {
            writer.write(service)
            writer.writeVarint(mined)
        }
        writer.writeVarint(forms.count)
        for (key, form) in forms.sorted(by: { $0.key < $1.key }) {
            writer.write(key.service)
            writer.writeVarint(key.number)
            writer.write(form.count)
            writer.write(form.last)
            writer.write(form.code)
        }
        writer.writeVarint(formsOf.count)
        for (service, forms) in formsOf.sorted(by: { $0.key < $1.key }) {
            writer.write(service)
            writer.writeVarint(forms.count)
            for number in forms { writer.writeVarint(number) }
        }
    }

    /// For states that did not count a service's messages: as if every form had been seen just now.
    private mutating func countMined() {
        for (key, track) in tracks { minedOf[key.service, default: 0] += track.count }
        for key in tracks.keys { tracks[key]?.minedAtLast = minedOf[key.service, default: 1] }
    }

    init() {}

    @_lifetime(reader: copy reader)
    init(from reader: inout ByteReader, version: UInt32) throws(CorruptionError) {
        miner = try TemplateMiner(from: &reader, maximumShapes: Self.maximumShapes)
        for _ in 0..<(try reader.readCount(limit: Self.maximumTracks)) {
            let key = Key(service: try reader.readUInt16(), number: try reader.readCount(limit: .max))
            var track = Track(
                first: try reader.readInt64(), last: try reader.readInt64(), minedAtFirst: 1, minedAtLast: 1)
            track.longestPause = try reader.readInt64()
            track.count = try reader.readCount(limit: .max)
            track.isTold = try reader.readUInt8() != 0
            if version >= 7 {
                track.minedAtFirst = try reader.readCount(limit: .max)
                track.minedAtLast = try reader.readCount(limit: .max)
            }
            tracks[key] = track
        }
        guard version >= 7 else {
            countMined()
            return
        }
        for _ in 0..<(try reader.readCount(limit: EngineLimits.services + 1)) {
            minedOf[try reader.readUInt16()] = try reader.readCount(limit: .max)
        }
        for _ in 0..<(try reader.readCount(limit: Self.maximumTracks)) {
            let key = Key(service: try reader.readUInt16(), number: try reader.readCount(limit: .max))
            let count = try reader.readUInt32()
            let form = Form(count: count, last: try reader.readInt64(), code: try reader.readUInt16())
            if form.code > 0 { watchedOf[key.service, default: 0] += 1 }
            forms[key] = form
        }
        for _ in 0..<(try reader.readCount(limit: EngineLimits.services + 1)) {
            let service = try reader.readUInt16()
            for _ in 0..<(try reader.readCount(limit: Self.formsEver)) {
                formsOf[service, default: []].append(try reader.readCount(limit: .max))
            }
        }
    }
}
