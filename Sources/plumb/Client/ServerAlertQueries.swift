import Alerts
import Foundation
import QueryLanguage
import Records
import Web

/// Rules asked of a running server, as of moments that are past.
struct ServerAlertQueries: AlertQueries {
    let client: ServerClient

    func evaluate(_ expression: String, at time: Int64, window: Int64) async throws -> [AlertSample] {
        let query = try QueryParser.parse(expression, now: time)
        let shape = try query.statsShape()
        var arguments = [("query", expression), ("time", Self.text(time))]
        if !query.filter.mentionsTime {
            arguments += [("start", Self.text(time - window + 1)), ("end", Self.text(time))]
        }
        return try await rows(arguments).flatMap { row in AlertSample.samples(shape) { row[$0.string] ?? "" } }
    }

    /// Backtests need no evidence.
    func samples(
        _ expression: String, labels: [String: String], at time: Int64, window: Int64, limit: Int
    ) async throws -> [SampleLine] { [] }

    /// The times of the first and the last record; nil without any.
    func span() async throws -> ClosedRange<Int64>? {
        let row = try await rows([("query", "* | stats min(_time) first, max(_time) last")]).first
        guard let first = row?["first"].flatMap(Self.time), let last = row?["last"].flatMap(Self.time), first <= last
        else { return nil }
        return first...last
    }

    private static func text(_ time: Int64) -> String { Timestamp(nanoseconds: time).description }

    private static func time(_ text: String) -> Int64? { try? TimeArgument(text, name: "time", now: 0).first }

    private func rows(_ arguments: [(String, String)]) async throws -> [[String: String]] {
        var bytes: [UInt8] = []
        try await client.stream("/select/logsql/query", arguments) { bytes += $0.readableBytesView }
        return try bytes.split(separator: UInt8(ascii: "\n")).map { line in
            if let note = RowLines.note(Array(line)) {
                throw CommandFailure.failed(note["error"] ?? "partial: \(note["partial"] ?? "")")
            }
            return try JSONSerialization.jsonObject(with: Data(line)) as? [String: String] ?? [:]
        }
    }
}
