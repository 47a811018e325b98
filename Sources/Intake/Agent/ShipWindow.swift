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
    /// Where to go on after a restart, and the number before the record there.
    private(set) var durablePlace: (place: FilePlace?, number: UInt64)

    /// `acknowledged`: the number of the last record before `place`.
    init(acknowledged: UInt64, place: FilePlace?) {
        self.acknowledged = acknowledged
        known = acknowledged
        next = acknowledged + 1
        durablePlace = (place, acknowledged)
    }

    /// The number of the first record that a new connection sends.
    var firstToSend: UInt64 { unacknowledged.first?.first ?? next }

    var isFull: Bool { unacknowledgedBytes >= Limits.unacknowledgedBytes }

    /// Adds a chunk that is about to be sent.
    mutating func append(_ chunk: Chunk) {
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
            durablePlace = (sent.chunk.place ?? durablePlace.place, sent.last)
            done += 1
        }
        if done > 0 { unacknowledged.removeFirst(done) }
    }
}
