import Bytes
import Deviations
import Foundation
import Records
import Testing

/// States of earlier versions as they lie on disks out there.
@Suite struct StateFormatTests {
    /// Version 4 held causes without a role, no quantiles and no feedback: nine days of one service, and a finding.
    @Test func versionFourIsMigrated() throws {
        let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let bytes = [UInt8](try Data(contentsOf: folder.appending(path: "Corpora/Formats/deviations-4.state")))
        #expect(bytes.prefix(4) == [4, 0, 0, 0])
        let storage = MemoryStorage()
        storage.save(bytes)
        let engine = try DeviationEngine(storage: storage)
        #expect(engine.counters.rows == 18_564 && engine.counters.findings == 1)
        let finding = try #require(engine.deviation(id: "d-1"))
        #expect(finding.kind == .latency && finding.series.service == "cart")
        #expect(finding.causes.first?.value == "cart" && finding.causes.allSatisfy { $0.role == .place })
        #expect(finding.feedback == .none && !finding.isResolved && !finding.points.isEmpty)

        #expect(engine.feedback(id: "d-1", isUseful: false))
        _ = try engine.checkpoint()
        #expect(storage.load()?.prefix(4) == [6, 0, 0, 0])
        let again = try DeviationEngine(storage: storage)
        #expect(again.counters == engine.counters)
        #expect(again.deviation(id: "d-1")?.feedback == .noise)
        #expect(again.deviation(id: "d-1") == engine.deviation(id: "d-1"))
    }
}
