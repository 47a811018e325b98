import Deviations
import Foundation
import Records
import Testing

/// The built-in go-lives, from their records to explained findings.
@Suite struct GoLiveTests {
    private static let hour = 3_600e9

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
                for cause in finding.causes.prefix(6) {
                    print("     \(cause.field)=\(cause.value) x\(cause.change) elsewhere x\(cause.changeElsewhere)")
                }
            }
        }
    }
}
