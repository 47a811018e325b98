import ArgumentParser
import Foundation
import NIOCore
import Records

/// `plumb deviations`: what left its baseline, and beside it, where it is known, what really happened.
struct DeviationsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "deviations",
        abstract: "List what left its baseline: series, onset, observed, expected range, score, likely cause.",
        discussion: """
            With the ground truth of a corpus, says which of its faults were found and how soon; exit code 1 if one \
            was missed, was found too late, lacks its cause, or if too many other deviations were reported.

            Examples:
              plumb deviations --server http://127.0.0.1:7780
              plumb deviations --noise d-3
            """)

    @Option(help: "The server.")
    var server = "http://127.0.0.1:7780"
    @Option(help: "A ground truth to compare with, from plumb corpus NAME --truth.")
    var truth: String?
    @Option(help: "With --truth: a fault must be found this many hours after its onset.")
    var withinHours = 12.0
    @Option(help: "With --truth: how many other deviations may be reported.")
    var others = 2

    @Option(help: ArgumentHelp("Mark a finding as useful: its series then report a little sooner.", valueName: "ID"))
    var useful: String?
    @Option(help: ArgumentHelp("Mark a finding as noise: its series then need more evidence.", valueName: "ID"))
    var noise: String?

    func run() async throws {
        if let id = useful ?? noise { return try await mark(id, isUseful: useful != nil) }
        let document = try await ServerClient(server).document("/api/v1/deviations", as: DeviationsDocument.self)
        show(document.deviations)
        if let groups = document.backlogGroups, groups > 0 {
            Terminal.note("not complete: \(Numbers.grouped(groups)) commit groups are still to be watched")
        }
        guard let truth else { return }
        let known = try JSONDecoder().decode(TruthDocument.self, from: Data(try Input.all(truth)))
        let verdict = Comparison(found: document.deviations, truth: known, withinHours: withinHours, others: others)
        for line in verdict.lines { Terminal.print(line) }
        if !verdict.holds { throw CommandFailure.failed("the deviations found are not those of the ground truth") }
    }

    private func mark(_ id: String, isUseful: Bool) async throws {
        let name = id.addingPercentEncoding(withAllowedCharacters: .alphanumerics.union(["-"])) ?? id
        let (status, text) = try await ServerClient(server).post(
            "/api/v1/deviations/\(name)/feedback", [("useful", isUseful ? "1" : "0")], body: ByteBuffer())
        guard (200..<300).contains(status) else {
            throw CommandFailure.failed(text.trimmingCharacters(in: .whitespacesAndNewlines))
        }
        Terminal.print("\(id) is marked as \(isUseful ? "useful" : "noise")")
    }

    private func show(_ deviations: [DeviationsDocument.Deviation]) {
        guard !deviations.isEmpty else { return Terminal.print("No deviation was found.") }
        var table = Table(
            ["onset", "found", "series", "observed", "expected", "score", "likely cause"], rightAligned: [3, 4, 5])
        for one in deviations.sorted(by: { $0.onset < $1.onset }) {
            let range = [one.expectedLow, one.expectedHigh].map { $0.map(Numbers.short) ?? "–" }.joined(
                separator: "–")
            let cause = one.causes.first.map {
                $0.fields.sorted { $0.key < $1.key }.map { "\($0)=\($1)" }.joined(separator: " ")
            }
            table.add([
                minute(one.onset), minute(one.detectedAt), one.title, one.observed.map(Numbers.short) ?? "–", range,
                Numbers.fixed(one.score, 3), cause ?? "",
            ])
        }
        for line in table.lines() { Terminal.print(line) }
    }

    /// `2026-03-16T10:05:00Z` as `03-16 10:05`.
    private func minute(_ time: String) -> String {
        String(time.dropFirst(5).prefix(11)).replacingOccurrences(of: "T", with: " ")
    }
}

/// Deviations beside the truth.
struct Comparison {
    private(set) var lines: [String] = []
    private(set) var holds = true

    init(found: [DeviationsDocument.Deviation], truth: TruthDocument, withinHours: Double, others: Int) {
        var explained: Set<String> = []
        for fault in truth.faults {
            lines.append("")
            lines.append("ground truth: \(fault.what), since \(fault.onset)")
            let matches = found.filter { Self.names($0, fault.cause) && $0.detectedAt >= fault.onset }
            explained.formUnion(matches.map(\.id))
            guard let first = matches.min(by: { $0.detectedAt < $1.detectedAt }) else {
                lines.append("  MISSED: no deviation names \(Self.text(fault.cause))")
                holds = false
                continue
            }
            let hours = Self.hours(from: fault.onset, to: first.detectedAt)
            let named = first.causes.prefix(3).map { Self.text($0.fields.mapValues { [$0] }) }.joined(separator: "; ")
            lines.append("  found \(Numbers.fixed(hours, 1)) h after its onset: \(first.title); causes named: \(named)")
            if hours > withinHours {
                lines.append("  TOO LATE: \(Numbers.fixed(withinHours, 1)) h were allowed")
                holds = false
            }
        }
        let rest = found.filter { !explained.contains($0.id) }
        lines.append("")
        lines.append("other deviations: \(rest.count) (at most \(others) allowed)")
        for one in rest { lines.append("  \(one.title), since \(one.onset)") }
        if rest.count > others { holds = false }
    }

    /// Whether the first three causes name every cause field with one of its true values.
    private static func names(_ deviation: DeviationsDocument.Deviation, _ cause: [String: [String]]) -> Bool {
        let stated = deviation.causes.prefix(3).map(\.fields) + [deviation.labels]
        return cause.allSatisfy { field, values in stated.contains { values.contains($0[field] ?? "") } }
    }

    private static func text(_ fields: [String: [String]]) -> String {
        fields.sorted { $0.key < $1.key }.map { "\($0)=\($1.joined(separator: "|"))" }.joined(separator: " ")
    }

    private static func hours(from: String, to: String) -> Double {
        let formatter = ISO8601DateFormatter()
        func date(_ text: String) -> Date? {
            // Fractions of a second do not matter here, and this formatter takes them only when told to expect them.
            formatter.date(from: text.replacing(#/\.\d+/#, with: ""))
        }
        guard let start = date(from), let end = date(to) else { return .infinity }
        return end.timeIntervalSince(start) / 3600
    }
}
