import Bytes
import Formats
import Hummingbird
import Intake
import Records

/// One request's records on their way to the store.
struct Upload: ~Copyable, BodySink {
    private let backend: Backend
    /// Nothing is stored; the answer shows the first records as they would be.
    var isTrial = false
    private(set) var shown: [(time: Int64, fields: [(ByteString, ByteString)])] = []
    private(set) var session: IngestSession
    private(set) var rejections: [Rejection] = []
    /// Parsed and not yet handed to the store, so that a small request is stored as a whole or not at all.
    private var waiting: [IngestSession.Portion] = []
    private var waitingBytes = 0
    /// What the budget of all uploads knows of this one.
    private var countedBytes = 0
    private(set) var stored = 0
    /// Records that the store left out because they are older than retention.
    private(set) var expired = 0

    private static let pieceBytes = 256 << 10
    /// Bytes that may wait; a larger request is stored piece by piece.
    private static let heldBytes = 16 << 20
    /// How often a piece is offered again, a second apart, once others of its request are stored: an answer that asks
    /// to send all again would store those twice.
    private static let tries = 60

    init(_ backend: Backend, session: IngestSession) {
        self.backend = backend
        self.session = session
    }

    deinit { backend.uploads.add(-countedBytes) }

    mutating func take(_ bytes: RawSpan) async throws {
        if backend.uploads.isSpent { try await waitForRoom() }
        defer { account() }
        session.feed(bytes, arrival: backend.clock.now())
        guard session.isFull else { return }
        collect()
        if waitingBytes >= Self.heldBytes { try await store() }
    }

    private mutating func account() {
        let bytes = session.memoryBytes + waitingBytes
        backend.uploads.add(bytes - countedBytes)
        countedBytes = bytes
    }

    /// Many senders at once: what this one has is stored, and its rest is parsed when others have given back what they
    /// hold. After some seconds it is asked to come again.
    private mutating func waitForRoom() async throws {
        collect()
        try await store()
        session.releaseRoom()
        account()
        var left = Self.roomTries * (stored > 0 ? Self.tries : 1)
        while backend.uploads.isSpent {
            guard left > 0 else { throw SinkError.busy(retryAfterSeconds: 1) }
            left -= 1
            try await Task.sleep(for: .milliseconds(Limits.budgetRetryMilliseconds))
        }
    }

    /// How often one looks for room before others are asked to come again: five seconds.
    private static let roomTries = 250

    mutating func finish() async throws {
        session.finish(arrival: backend.clock.now(), isWhole: true)
        collect()
        try await store()
    }

    /// Takes records that were made of a whole request, a piece at a time, so that full batches go on their way.
    mutating func takeAll(of lines: RecordLines) async throws {
        for start in stride(from: 0, to: lines.bytes.count, by: Self.pieceBytes) {
            let count = min(Self.pieceBytes, lines.bytes.count - start)
            try await take(lines.bytes.rawSpan.slice(start, count))
        }
        try await finish()
    }

    private mutating func collect() {
        while let portion = session.take() {
            rejections += portion.rejections.prefix(Limits.rejectionExamples - rejections.count)
            guard portion.batch.rowCount > 0 || portion.mark != nil else { continue }
            waitingBytes += portion.batch.memoryBytes
            waiting.append(portion)
        }
    }

    private mutating func store() async throws {
        for portion in waiting {
            guard !isTrial else {
                show(portion.batch)
                continue
            }
            let leftOut = try await append(portion)
            stored += portion.batch.rowCount - leftOut
            expired += leftOut
        }
        waiting = []
        waitingBytes = 0
    }

    private mutating func show(_ batch: RecordBatch) {
        for row in 0..<min(batch.rowCount, Limits.rejectionExamples - shown.count) {
            let fields = batch.columns.indices.filter { batch.columns[$0].slice(row).length > 0 }.map { column in
                (batch.columns[column].name, ByteString(batch.value(row: row, column: column)))
            }
            shown.append((batch.times[row], fields))
        }
    }

    /// Answers how many rows the store left out.
    private func append(_ portion: IngestSession.Portion) async throws -> Int {
        var left = stored > 0 ? Self.tries : 0
        while true {
            do throws(SinkError) {
                return try await backend.store.appendCounting(portion.batch, mark: portion.mark).expiredRows
            } catch {
                guard left > 0, error != .closed else { throw error }
            }
            left -= 1
            try await Task.sleep(for: .seconds(1))
        }
    }

    /// Counts what was taken, once all of it is stored.
    func count() {
        let summary = session.summary
        backend.counters.acceptedRecords.add(summary.accepted - expired, ordering: .relaxed)
        backend.counters.rejectedRecords.add(summary.rejected + expired, ordering: .relaxed)
        backend.counters.repairedBytes.add(summary.replacedBytes, ordering: .relaxed)
    }

    /// The parser for the next request.
    consuming func releaseParser() -> JSONLinesParser { session.releaseParser() }

    /// What refuses the rest of a request, as an answer.
    func refusal(_ error: any Error) -> any Error {
        let before = stored > 0 ? "; \(stored) records before it are stored" : ""
        if let error = error as? DecompressionError { return AnswerError(.badRequest, "\(error)\(before)") }
        if let error = error as? PushError { return AnswerError(.badRequest, "\(error)") }
        guard let error = error as? SinkError else { return error }
        backend.counters.refusedInserts.add(1, ordering: .relaxed)
        switch error {
        case .busy(let seconds):
            let message = "the queue in front of the disk is full\(before)"
            return AnswerError(.tooManyRequests, message, retryAfterSeconds: seconds)
        case .storage(let reason):
            return AnswerError(.serviceUnavailable, "\(reason)\(before)", retryAfterSeconds: 5)
        case .closed: return AnswerError(.serviceUnavailable, "the server is going down\(before)", retryAfterSeconds: 5)
        }
    }
}

extension Upload {
    /// The counts, and the first rejected lines with their reasons.
    func answer() -> Response {
        let summary = session.summary
        // Nil stands for the records that the store left out: which lines they were on it does not know.
        let rejections: [Rejection?] = self.rejections + (expired > 0 ? [nil] : [])
        let expired = self.expired
        let shown = self.shown
        if isTrial {
            return .json { json in
                json.field("stored", 0)
                json.field("rejected", summary.rejected)
                json.array("records", shown) { json, record in
                    json.object { json in
                        json.field("_time", Timestamp(nanoseconds: record.time).description)
                        for (name, value) in record.fields { json.field(name.string, value) }
                    }
                }
                json.array("rejections", rejections.compactMap(\.self)) { json, rejection in
                    json.object { Self.write(rejection, to: &$0) }
                }
            }
        }
        count()
        return .json { json in
            json.field("accepted", summary.accepted - expired)
            json.field("rejected", summary.rejected + expired)
            if summary.repeated > 0 { json.field("repeated", summary.repeated) }
            if summary.mistimed > 0 { json.field("arrival_times", summary.mistimed) }
            if summary.replacedBytes > 0 { json.field("replaced_bytes", summary.replacedBytes) }
            json.array("rejections", rejections) { json, rejection in
                json.object { json in
                    guard let rejection else {
                        json.field("records", expired)
                        return json.field("reason", Appended.expiredReason)
                    }
                    Self.write(rejection, to: &json)
                }
            }
        }
    }

    private static func write(_ rejection: Rejection, to json: inout JSONText) {
        json.field("line", rejection.line)
        json.field("reason", rejection.reason)
        json.field("sample", rejection.sample)
    }
}
