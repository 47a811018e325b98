import ArgumentParser
import Foundation
import NIOCore

/// `plumb baseline`: baselines that were frozen, and how far the series now are from one.
struct BaselineCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "baseline",
        abstract: "Freeze the baselines of all series under a name, or compare the series with a frozen one.",
        discussion: """
            Examples:
              plumb baseline before-launch --freeze
              plumb baseline last-week --freeze --start 2026-03-02 --end 2026-03-09
              plumb baseline before-launch
              plumb baseline
            """)

    @Argument(help: "The frozen baseline; without it, all are listed.")
    var name: String?
    @Flag(help: "Freeze the living baselines under this name.")
    var freeze = false
    @Option(help: "With --freeze: not the living baselines but what the stored records from this time on show.")
    var start: String?
    @Option(help: "With --start: the end of that window; now without it.")
    var end: String?
    @Option(help: "At most so many series, those farthest off.")
    var limit = 20
    @OptionGroup var source: SourceOptions

    private struct List: Decodable {
        struct Baseline: Decodable {
            var name: String
            var capturedAt: String
        }

        var baselines: [Baseline]
    }

    private struct Comparison: Decodable {
        struct Series: Decodable {
            var series: String
            var observed: Double?
            var frozen: Double?
            var living: Double?
            var standardErrors: Double?
        }

        var seriesCompared: Int
        var series: [Series]
    }

    func validate() throws {
        guard source.data == nil else { throw ValidationError("baselines are a server's") }
        guard !freeze || name != nil else { throw ValidationError("--freeze wants a name") }
        guard freeze || start == nil && end == nil else { throw ValidationError("--start and --end go with --freeze") }
    }

    func run() async throws {
        let path = "/api/v1/baselines"
        guard let name else { return show(try await source.client.document(path, as: List.self)) }
        let place = path + "/" + (name.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? name)
        guard freeze else {
            let found = try await source.client.document(place, [("limit", String(limit))], as: Comparison.self)
            return show(found)
        }
        let window = [("start", start), ("end", end)].compactMap { pair in pair.1.map { (pair.0, $0) } }
        let (status, text) = try await source.client.post(place, window, body: ByteBuffer())
        guard (200..<300).contains(status) else {
            throw CommandFailure.failed(text.trimmingCharacters(in: .whitespacesAndNewlines))
        }
        Terminal.print("the baselines are kept as \(name)")
    }

    private func show(_ list: List) {
        if list.baselines.isEmpty { Terminal.print("No baseline is frozen.") }
        for one in list.baselines { Terminal.print("\(one.name)  \(one.capturedAt)") }
    }

    private func show(_ found: Comparison) {
        var table = Table(
            ["series", "observed", "frozen", "living", "standard errors"], rightAligned: [1, 2, 3, 4])
        for one in found.series {
            let numbers = [one.observed, one.frozen, one.living, one.standardErrors].map {
                $0.map(Numbers.short) ?? "–"
            }
            table.add([one.series] + numbers)
        }
        for line in table.lines() { Terminal.print(line) }
        Terminal.note("\(found.seriesCompared) series compared")
    }
}
