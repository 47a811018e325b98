import Records

/// What an agent has sent and not seen acknowledged: numbers the chunks, forgets them as they are acknowledged, and
/// says what to send again. No input or output.
struct ShipWindow: Sendable {
    struct Sent: Sendable {
        var chunk: Chunk
        /// The number of its first record.
        var first: UInt64
        /// The number of its last record; `first - 1` for a chunk of blank lines.
        var last: UInt64
    }

    /// Oldest first.
    private(set) var unacknowledged: [Sent] = []
    private(set) var unacknowledgedBytes = 0
    /// The number of the next record.
    private(set) var next: UInt64
    /// Every record up to this one is acknowledged.
    private(set) var acknowledged: UInt64
    /// The highest number that the server has ever named. It may be ahead of what was sent since a restart.
    private var known: UInt64
    /// Records of the chunks that were acknowledged whole.
    private(set) var acknowledgedRecords = 0
    /// Behind the last chunk that was acknowledged whole, and the number before the record there.
    private var durable: (place: FilePlace?, number: UInt64)
    /// Where a run before left the file that is being read, and what it had begun behind it.
    private var endOfCurrent: Int?
    private var ahead: [ShipLeg] = []

    /// `number`: of the last record before the first of `legs`.
    init(number: UInt64, legs: [ShipLeg]) {
        acknowledged = number
        known = number
        next = number + 1
        durable = (legs.first?.place, number)
        guard let first = legs.first, first.number == number else { return }
        endOfCurrent = first.end
        ahead = Array(legs.dropFirst())
    }

    /// What to save: where to go on after a restart.
    var legs: [ShipLeg] {
        var legs: [ShipLeg] = []
        if let place = durable.place { legs.append(ShipLeg(place: place, number: durable.number)) }
        var offset = durable.place?.offset
        for sent in unacknowledged {
            if let begins = sent.chunk.begins {
                if !legs.isEmpty { legs[legs.count - 1].end = offset }
                legs.append(ShipLeg(place: begins, number: sent.first - 1))
            }
            offset = sent.chunk.place?.offset ?? offset
        }
        if !legs.isEmpty { legs[legs.count - 1].end = endOfCurrent }
        return legs + ahead
    }

    /// Numbers what is not acknowledged anew, behind `last`: the server has fewer records than it once had.
    mutating func renumber(after last: UInt64) {
        var number = last
        for index in unacknowledged.indices {
            unacknowledged[index].first = number + 1
            number += UInt64(unacknowledged[index].chunk.records)
            unacknowledged[index].last = number
        }
        next = number + 1
        known = last
        acknowledged = last
        durable.number = last
        endOfCurrent = nil
        ahead = []
    }

    /// The number of the first record that a new connection sends.
    var firstToSend: UInt64 { unacknowledged.first?.first ?? next }

    var isFull: Bool { unacknowledgedBytes >= Limits.unacknowledgedBytes }

    /// Adds a chunk that is about to be sent.
    mutating func append(_ chunk: Chunk) {
        if let begins = chunk.begins {
            let index = ahead.firstIndex { $0.place.identity == begins.identity }
            endOfCurrent = index.flatMap { ahead[$0].end }
            ahead.removeFirst(index.map { $0 + 1 } ?? ahead.count)
        }
        unacknowledged.append(Sent(chunk: chunk, first: next, last: next + UInt64(chunk.records) - 1))
        unacknowledgedBytes += chunk.bytes.count
        next += UInt64(chunk.records)
        settle()
    }

    /// Takes an acknowledgement of every record up to `number`.
    mutating func acknowledge(_ number: UInt64) {
        known = max(known, number)
        settle()
    }

    private mutating func settle() {
        acknowledged = min(known, next - 1)
        var done = 0
        while done < unacknowledged.count && unacknowledged[done].last <= acknowledged {
            let sent = unacknowledged[done]
            unacknowledgedBytes -= sent.chunk.bytes.count
            acknowledgedRecords += sent.chunk.records
            durable = (sent.chunk.place ?? durable.place, sent.last)
            done += 1
        }
        if done > 0 { unacknowledged.removeFirst(done) }
    }
}
