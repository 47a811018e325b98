import Bytes
import Formats
import Intake
import Records
import Synchronization
import Testing

/// What the senders hold together is bounded, however many they are.
@Suite struct ParseBudgetTests {
    /// The highest that a budget stood at.
    private final class Watch: Sendable {
        private let peak = Atomic<Int>(0)
        private let isOver = Atomic<Bool>(false)
        var highest: Int { peak.load(ordering: .relaxed) }

        func follow(_ budget: ParseBudget) async {
            while !isOver.load(ordering: .relaxed) {
                peak.max(budget.heldBytes, ordering: .relaxed)
                try? await Task.sleep(for: .milliseconds(1))
            }
        }

        func end() { isOver.store(true, ordering: .relaxed) }
    }

    private static let rows = 3_000

    private static func text(_ sender: Int) -> [UInt8] {
        let lines = (0..<rows).map { "{\"_msg\":\"request \($0) of \(sender) took \($0 % 77) ms\",\"n\":\($0)}\n" }
        return Array(lines.joined().utf8)
    }

    /// Sixty senders at once while the sink takes nothing for a while: without the budget each would parse all that it
    /// is sent, some 700 KiB each.
    @Test(.timeLimit(.minutes(20))) func manySendersAtOnce() async throws {
        let sink = ScriptedSink()
        let budget = ParseBudget(limitBytes: 6 << 20)
        let watch = Watch()
        sink.hold()
        let senders = 60
        try await withServer(sink, budget: budget) { port, _ in
            try await withThrowingTaskGroup(of: Void.self) { tasks in
                tasks.addTask { await watch.follow(budget) }
                for sender in 0..<senders {
                    tasks.addTask { _ = try await talk(port, Self.text(sender)) }
                }
                tasks.addTask {
                    _ = await eventually { budget.isSpent }
                    try await Task.sleep(for: .milliseconds(100))
                    sink.release()
                    _ = await eventually { sink.rowCount == senders * Self.rows }
                    watch.end()
                }
                try await tasks.waitForAll()
            }
        }
        #expect(sink.rowCount == senders * Self.rows)
        // What is read at once when the budget is nearly spent comes on top: a buffer of each event loop.
        #expect(watch.highest > 3 << 20 && watch.highest < 16 << 20, "\(watch.highest) bytes")
        #expect(budget.heldBytes == 0)
    }

    @Test func parsersThatWaitHoldABoundedNumberOfBytes() {
        let pool = ParserPool()
        let text = (0..<60_000).map { "{\"_msg\":\"unique \($0) \($0 &* 7919)\",\"a\":\"\($0)\"}\n" }.joined()
        let bytes = Array(text.utf8)
        for number in 0..<12 {
            var parser = JSONLinesParser(options: ParseOptions(extraFields: [("pool", ByteString("\(number)"))]))
            parser.feed(bytes.rawSpan.slice(0, min(bytes.count, 3 << 20)), arrival: 7)
            while parser.takeBatch() != nil {}
            pool.giveBack(parser)
        }
        #expect(pool.memoryBytes > 1 << 20 && pool.memoryBytes <= 24 << 20, "\(pool.memoryBytes) bytes")
    }

    @Test func roomThatWasReleasedIsMadeAnew() {
        var kept = JSONLinesParser()
        var released = JSONLinesParser()
        for round in 0..<20 {
            let text = (0..<200).map { "{\"a\":\"\($0 % 7)\",\"f\(($0 * round) % 600)\":\"\(round)\"}\n" }.joined()
            kept.feed(ByteString(text).bytes.rawSpan, arrival: 7)
            released.feed(ByteString(text).bytes.rawSpan, arrival: 7)
            func rows(_ parser: inout JSONLinesParser) -> [String] {
                var rows: [String] = []
                while let batch = parser.takeBatch() {
                    rows += (0..<batch.rowCount).map { row in
                        let fields = batch.columns.indices.map { column -> (String, String) in
                            let value = ByteString(batch.value(row: row, column: column))
                            return (batch.columns[column].name.string, value.string)
                        }
                        return fields.filter { !$0.1.isEmpty }.map { "\($0)=\($1)" }.sorted().joined(separator: " ")
                    }
                }
                return rows
            }
            #expect(rows(&kept) == rows(&released))
            let before = released.memoryBytes
            released.releaseRoom()
            #expect(released.memoryBytes < before && released.memoryBytes < 1 << 10)
        }
    }
}
