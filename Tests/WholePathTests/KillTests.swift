import Foundation
import TestSupport
import Testing

/// What is acknowledged survives SIGKILL, once.
@Suite(.serialized) struct KillTests {
    /// The server is killed at random moments while an agent ships; it starts again on the same folder and ports, and
    /// the agent goes on by itself. In the end every record is there exactly once.
    @Test func everyAcknowledgedRecordIsThereOnceAfterTwentyKills() throws {
        let folder = try Folder()
        let rows = 300_000
        let seed = UInt64(Date().timeIntervalSince1970)
        let corpus = try Program.run(["corpus", "retail", "--rows", "\(rows)", "--seed", "\(seed % 1_000)"])
        #expect(corpus.code == 0)
        var numbered: [UInt8] = []
        for (number, line) in corpus.output.utf8.split(separator: UInt8(ascii: "\n")).enumerated() {
            numbered += "{\"n\":\(number),".utf8
            numbered += line.dropFirst()
            numbered.append(UInt8(ascii: "\n"))
        }
        _ = FileManager.default.createFile(atPath: folder("in.ndjson"), contents: Data(numbered))

        var server = try RunningServer(data: folder("data"), folder: folder)
        let ports = ["--http", String(server.url.dropFirst(7)), "--tcp", server.tcp]
        let agent = try Program(
            [
                "ship", folder("in.ndjson"), "--to", server.tcp, "--agent", "a", "--exit-at-end", "--state",
                folder("agent"),
            ],
            log: folder("agent.log"))
        var random = SplitMix(seed: seed)
        var kills = 0
        for round in 1...20 {
            // Short lives: an agent that reconnects ships about this much in so much time.
            usleep(UInt32(20_000 + random.next() % 180_000))
            server.program.kill()
            kills += 1
            server = try RunningServer(data: folder("data"), folder: folder, number: round, extra: ports)
        }
        #expect(agent.waitUntilExit() == 0, "seed \(seed)")
        #expect(kills == 20)
        let counts = try server.query(
            "* | stats count() as rows, count_uniq(n) as distinct, min(n) as first, max(n) as last")
        #expect(
            counts == [["rows": "\(rows)", "distinct": "\(rows)", "first": "0", "last": "\(rows - 1)"]], "seed \(seed)")
        #expect(server.program.terminate() == 0)
        let verified = try Program.run(["verify", "--data", folder("data")])
        #expect(verified.code == 0, "\(verified.output) \(verified.errors)")
    }

    /// The agent is killed instead: what it had shipped is not shipped again.
    @Test func anAgentThatIsKilledGoesOnWhereItsAcknowledgementsEnd() throws {
        let folder = try Folder()
        let rows = 200_000
        let corpus = try Program.run(["corpus", "retail", "--rows", "\(rows)"])
        _ = FileManager.default.createFile(atPath: folder("in.ndjson"), contents: Data(corpus.output.utf8))
        let server = try RunningServer(data: folder("data"), folder: folder)
        var random = SplitMix(seed: 7)
        let arguments = [
            "ship", folder("in.ndjson"), "--to", server.tcp, "--agent", "a", "--exit-at-end", "--state",
            folder("agent"),
        ]
        for round in 0..<10 {
            let agent = try Program(arguments, log: folder("agent-\(round).log"))
            usleep(UInt32(10_000 + random.next() % 100_000))
            agent.kill()
        }
        #expect(try Program.run(arguments).code == 0)
        #expect(try server.query("* | stats count() as rows, count_uniq(span_id) as spans")[0]["rows"] == "\(rows)")
        #expect(server.program.terminate() == 0)
    }
}
