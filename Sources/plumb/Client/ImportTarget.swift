import Formats
import Foundation
import NIOCore
import Records
import Store

/// Where `plumb import` puts records. Each file has a numbering of its own, so that what is sent again is dropped.
protocol ImportTarget {
    /// How many of a file's records are stored.
    func storedRecords(of file: String) async throws -> Int
    /// Returns once the records are durable, with how many were left out and why. `first`: the number of the first of
    /// them in the file, from 1.
    func store(_ batch: RecordBatch, first: Int, of file: String) async throws -> LeftOut
    func close() async
}

/// Records that were read and not stored, such as those that retention would remove at once.
struct LeftOut {
    var records = 0
    var reason = ""
}

/// A running server, over HTTP.
struct ServerTarget: ImportTarget {
    private struct Agent: Decodable {
        var last: Int
    }

    private struct Stored: Decodable {
        struct Rejection: Decodable { var reason: String }

        var rejected: Int
        var rejections: [Rejection]
    }

    private let client: ServerClient
    /// How often a server that is busy is asked again, a second apart.
    private static let tries = 300
    /// How often without a word: a busy server usually answers at the next time.
    private static let quietTries = 2

    init(_ client: ServerClient) { self.client = client }

    func storedRecords(of file: String) async throws -> Int {
        try await client.document("/api/v1/agents/" + file, as: Agent.self).last
    }

    func store(_ batch: RecordBatch, first: Int, of file: String) async throws -> LeftOut {
        var lines: [UInt8] = []
        FieldWriter.append(batch, to: &lines)
        let body = ByteBuffer(bytes: lines)
        for attempt in 0..<Self.tries {
            let (status, text) = try await client.post(
                "/insert/jsonline", [("_agent", file), ("_first", String(first))], body: body)
            if status == 200 {
                let stored = try JSONDecoder().decode(Stored.self, from: Data(text.utf8))
                return LeftOut(records: stored.rejected, reason: stored.rejections.first?.reason ?? "")
            }
            guard status == 429 || status == 503 else {
                throw CommandFailure.failed("the server answered \(status): \(text)")
            }
            if attempt == Self.quietTries { Terminal.note("waiting for the server, which answers \(status): \(text)") }
            try await Task.sleep(for: .seconds(1))
        }
        throw CommandFailure.failed("the server has been busy for too long")
    }

    func close() async {}
}

/// A data folder that no server has open.
struct StoreTarget: ImportTarget {
    private let store: Store
    private static let tries = 3_000

    init(_ folder: String) throws {
        do {
            store = try Store(folder)
        } catch {
            throw CommandFailure.failed("\(error)")
        }
    }

    func storedRecords(of file: String) async throws -> Int { Int(clamping: await store.lastSequence(of: file)) }

    func store(_ batch: RecordBatch, first: Int, of file: String) async throws -> LeftOut {
        let mark = SourceMark(agent: file, lastSequence: UInt64(first + batch.rowCount - 1))
        for _ in 0..<Self.tries {
            do throws(SinkError) {
                let expired = try await store.appendCounting(batch, mark: mark).expiredRows
                return LeftOut(records: expired, reason: Appended.expiredReason)
            } catch {
                guard case .busy = error else { throw CommandFailure.failed("\(error)") }
            }
            try await Task.sleep(for: .milliseconds(100))
        }
        throw CommandFailure.failed("the disk has been busy for too long")
    }

    func close() async { await store.shutDown() }
}
