import ArgumentParser
import Bytes
import Foundation
import Traces

/// `plumb trace ID`: every record of one request, in order, as a waterfall.
struct TraceCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "trace",
        abstract: "Show every record of one request, in order, as a waterfall.",
        discussion: "Example: plumb trace 4bf92f3577b34da6a3ce929d0e0e4736 --server http://127.0.0.1:7780")

    @Argument(help: "The request's, trace's or span's ID; hex case and the dashes of a UUID do not matter.")
    var id: String
    @OptionGroup var source: SourceOptions
    @Option(help: "waterfall, or ndjson for programs.")
    var format: TraceFormat = .waterfall

    enum TraceFormat: String, ExpressibleByArgument { case waterfall, ndjson }

    func run() async throws {
        guard !id.isEmpty else { throw CommandFailure.wrong("an ID is wanted, not an empty text") }
        let found = try await source.trace(id)
        let took = Numbers.short(found.engineMicroseconds)
        if let reason = found.partial { Terminal.note("partial answer: " + reason) }
        guard !found.records.isEmpty else {
            let which = found.partial == nil ? "no record" : "no record that can be read"
            throw CommandFailure.failed("\(which) has the ID \(id), found in \(took) µs")
        }
        switch format {
        case .ndjson:
            for line in found.lines { Terminal.print(line) }
        case .waterfall:
            let waterfall = Waterfall(found.records.map(Self.visible))
            let length = Double(waterfall.end - waterfall.start) / 1e6
            Terminal.print(
                "\(id): \(found.records.count) records, \(waterfall.services.count) services, "
                    + "\(Numbers.fixed(length, 1)) ms, found in \(took) µs")
            for line in waterfall.lines(columns: Terminal.columns, colored: Terminal.colored) { Terminal.print(line) }
        }
        if found.isCut {
            Terminal.note("plumb: cut at \(found.records.count) records; `plumb query` finds all")
        }
    }

    /// The record without what would steer the terminal; its lines stay lines.
    private static func visible(_ record: TraceRecord) -> TraceRecord {
        TraceRecord(
            time: record.time,
            fields: record.fields.map { field in
                guard field.value.bytes.contains(where: { $0 < 0x20 || $0 >= 0x7F }) else { return field }
                let lines = field.value.string.split(separator: "\n", omittingEmptySubsequences: false)
                return (field.name, ByteString(lines.map { Terminal.visible(String($0)) }.joined(separator: "\n")))
            })
    }
}
