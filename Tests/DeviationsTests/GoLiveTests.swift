import Deviations
import Foundation
import Records
import Testing

/// The built-in go-lives, from their records to explained findings.
@Suite struct GoLiveTests {
    private static let hour = 3_600e9

    /// The kind of query and the version of the prompt, and the feedback that came with them.
    @Test(arguments: [UInt64(1), 3]) func reportsNamesKindAndPrompt(seed: UInt64) throws {
        let replay = try Replay("reports", rows: 400_000, seed: seed)
        let onset = try #require(replay.onset)
        let launch = try #require(replay.launch)
        let found = replay.engine.deviations()
        #expect(!found.contains { $0.detectedAt < launch }, "\(found.map(\.title))")
        let finding = try #require(found.last { $0.kind == .amount && $0.series.measure == "tokens_in" })
        #expect(finding.detectedAt >= onset && Double(finding.detectedAt - onset) < 6 * Self.hour)
        let places = finding.causes.filter { $0.role == .place }.prefix(3).map { "\($0.field)=\($0.value)" }
        #expect(Set(places) == ["service=reports", "query_kind=multi_entity", "prompt_version=p-17"], "\(places)")
        let companions = Set(finding.causes.filter { $0.role == .companion }.map { "\($0.field)=\($0.value)" })
        #expect(companions.isSubset(of: ["truncated=true", "verdict=wrong"]) && !companions.isEmpty, "\(companions)")
        let explanation = try replay.explain(from: onset, hours: 12)
        let cause = try #require(explanation.causes.first)
        #expect(
            Set(cause.items.map { "\($0.field)=\($0.value)" })
                == ["service=reports", "query_kind=multi_entity", "prompt_version=p-17"], "\(cause)")
        #expect(cause.reasons.contains { $0.contains("verdict=wrong") }, "\(cause.reasons)")
    }

    /// The shared service first, then the caller; nothing while all is well.
    @Test(arguments: [UInt64(1), 3]) func bankNamesSharedServiceAndCaller(seed: UInt64) throws {
        let replay = try Replay("bank", rows: 500_000, seed: seed)
        let onset = try #require(replay.onset)
        let found = replay.engine.deviations()
        #expect(found.count { $0.detectedAt < onset } <= 1, "\(found.map(\.title))")
        #expect(!found.contains { $0.detectedAt < onset && $0.kind == .traffic }, "\(found.map(\.title))")
        let failures = found.filter { $0.kind == .pattern || $0.kind == .errors }
        let finding = try #require(failures.last { $0.detectedAt > onset })
        #expect(Double(finding.detectedAt - onset) < 4 * 24 * Self.hour)
        #expect(finding.causes.first?.value == "entry-locks", "\(finding.causes)")
        #expect(finding.causes.contains { $0.value == "direct-debit" && $0.role == .caller }, "\(finding.causes)")
        #expect(finding.samples.allSatisfy { $0.service == "entry-locks" && !$0.traceID.isEmpty })
    }

    /// Prints what is found in go-lives of full size: `PLUMB_GOLIVE=retail:3000000:1,2,6 swift test --filter measured`.
    @Test(.enabled(if: ProcessInfo.processInfo.environment["PLUMB_GOLIVE"] != nil))
    func measured() throws {
        let wanted = (ProcessInfo.processInfo.environment["PLUMB_GOLIVE"] ?? "").split(separator: ":").map(String.init)
        try #require(wanted.count == 3)
        let rows = try #require(Int(wanted[1]))
        for seed in wanted[2].split(separator: ",").compactMap({ UInt64($0) }) {
            let replay = try Replay(wanted[0], rows: rows, seed: seed)
            let onset = try #require(replay.onset)
            print("\(wanted[0]) seed \(seed): \(replay.engine.counters)")
            for finding in replay.engine.deviations().reversed() {
                let found = String(format: "%+.1f", Double(finding.detectedAt - onset) / Self.hour)
                let began = String(format: "%+.1f", Double(finding.onset - onset) / Self.hour)
                print("  \(finding.id) \(finding.kind) \(finding.change) onset \(began) found \(found)")
                print("     \(finding.series): \(finding.title)")
                for cause in finding.causes.prefix(10) {
                    let change = String(format: "x%.2f, elsewhere x%.2f", cause.change, cause.changeElsewhere)
                    print("     \(cause.role) \(cause.service) \(cause.field)=\(cause.value) \(change)")
                }
            }
        }
    }
}
