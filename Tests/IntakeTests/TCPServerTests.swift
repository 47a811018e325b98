import Bytes
import Intake
import NIOCore
import NIOPosix
import Records
import Testing

@Suite(.serialized) struct TCPServerTests {
    @Test func takesPlainSenders() async throws {
        let sink = ScriptedSink()
        let replies = try await withServer(sink) { port, _ in
            try await talk(port, Array("\r\n{\"a\":1}\r\nbad\n\n{\"a\":2}\n{\"a\":3}".utf8))
        }
        #expect(replies == [])
        #expect(sink.values("a") == ["1", "2", "3"])
    }

    /// Told from JSON by the first byte; framed by line feeds or by lengths.
    @Test(arguments: [
        "<13>1 - h a - - - one\n<13>1 - h a - - - two\n", "21 <13>1 - h a - - - one21 <13>1 - h a - - - two",
    ])
    func takesSyslog(text: String) async throws {
        let sink = ScriptedSink()
        let replies = try await withServer(sink) { port, _ in try await talk(port, Array(text.utf8)) }
        #expect(replies == [])
        #expect(sink.values("_msg") == ["one", "two"])
        #expect(sink.values("app_name") == ["a", "a"])
    }

    @Test func acknowledgesAndReportsBadLines() async throws {
        let sink = ScriptedSink()
        let text = Array("{\"a\":1}\n\n{\"a\":}\n{\"a\":3}\r\nbad\n{\"cut".utf8)
        let replies = try await withServer(sink) { port, _ in
            try await talk(port, Hello(agent: "x", first: 11).line + text)
        }
        #expect(replies.first == .welcome(agent: "x", last: 0))
        #expect(sink.values("a") == ["1", "3"])
        #expect(await sink.lastSequence(of: "x") == 14)
        var refused: [UInt64] = []
        for case .acknowledgement(_, _, let examples) in replies { refused += examples.map(\.record) }
        #expect(refused == [12, 14])
    }

    /// They were acknowledged as if they were stored.
    @Test func reportsRecordsThatTheSinkLeavesOut() async throws {
        let counters = IntakeCounters()
        let text = Array("{\"a\":1}\n{\"old\":1}\nbad\n{\"old\":2}\n".utf8)
        let replies = try await withServer(ScriptedSink(), counters: counters) { port, _ in
            try await talk(port, Hello(agent: "x").line + text)
        }
        var total = 0
        var reasons: [String] = []
        for case .acknowledgement(_, let rejected, let examples) in replies {
            total += rejected
            reasons += examples.map(\.reason)
        }
        #expect(total == 3)
        #expect(reasons.contains { $0.contains("older than retention") })
        #expect(counters.acceptedRecords == 1)
        #expect(counters.rejectedRecords == 3)
    }

    /// The second tenant's records were dropped as repetitions of the first's.
    @Test func tenantsDoNotShareAnAgentsNumbering() async throws {
        let sink = ScriptedSink()
        for tenant in [Tenant.main, Tenant(account: 7, project: 1)] {
            var hello = Hello(agent: "x", first: 1)
            hello.tenant = tenant
            let line = hello.line
            let replies = try await withServer(sink) { port, _ in try await talk(port, line + lines(0..<3)) }
            #expect(replies.first == .welcome(agent: "x", last: 0), "\(tenant)")
        }
        #expect(sink.rowCount == 6)
    }

    @Test func takesOptionsFromTheHello() async throws {
        let sink = ScriptedSink()
        var hello = Hello(agent: "x")
        hello.streamFields = "s"
        hello.messageField = "m"
        hello.extraFields = "env=prod"
        let line = hello.line
        _ = try await withServer(sink) { port, _ in try await talk(port, line + Array("{\"s\":1,\"m\":\"hi\"}\n".utf8))
        }
        #expect(sink.rows == [["s": "1", "_msg": "hi", "env": "prod", "_stream": "{s=\"1\"}"]])
    }

    @Test(arguments: [
        "{\"plumb\":2,\"agent\":\"a\"}\n", "{\"plumb\":1}\n", "{\"plumb\":1,\"agent\":\"\"}\n",
        "{\"plumb\":1,\"agent\":\"a\",\"first\":0}\n", "{\"plumb\":1,\"agent\":\"a\",\"first\":9223372036854775807}\n",
        "{\"plumb\":1,\"agent\":\"a\",\"first\":4611686018427387905}\n",
        "{\"plumb\":1,\"agent\":\"a\",\"tenant\":\"x\"}\n", "{\"plumb\":1,\n",
    ])
    func refusesABadHello(line: String) async throws {
        let sink = ScriptedSink()
        let replies = try await withServer(sink) { port, _ in try await talk(port, Array(line.utf8) + lines(0..<3)) }
        #expect(replies.count == 1)
        guard case .failure = replies.first else {
            Issue.record("no failure for \(line)")
            return
        }
        #expect(sink.rows.isEmpty)
    }

    @Test func aHugeFirstNumberHarmsNothing() async throws {
        let sink = ScriptedSink()
        try await withServer(sink) { port, _ in
            let first = UInt64(1) << 62
            _ = try await talk(port, Hello(agent: "x", first: first).line + lines(0..<1))
            let again = try await talk(port, Hello(agent: "x", first: 1).line + lines(1..<9))
            #expect(again == [.welcome(agent: "x", last: first)])
            _ = try await talk(port, Hello(agent: "x").line + lines(1..<3))
        }
        #expect(sink.values("n") == ["0", "1", "2"])
    }

    @Test func refusesAGapInTheNumbers() async throws {
        let sink = ScriptedSink()
        try await withServer(sink) { port, _ in
            _ = try await talk(port, Hello(agent: "x", first: 11).line + lines(0..<3))
            let gap = try await talk(port, Hello(agent: "x", first: 15).line + lines(3..<6))
            #expect(gap == [.failure("first: 15 leaves a gap, 13 is the last record stored")])
            _ = try await talk(port, Hello(agent: "x", first: 14).line + lines(3..<5))
        }
        #expect(sink.values("n") == (0..<5).map { String($0) })
    }

    /// Lines that come to no row must not be mistaken for rows that wait.
    @Test(arguments: ["\r\n", "{\"a\":}\n"])
    func linesWithoutRowsDoNotFillTheConnection(line: String) async throws {
        let sink = ScriptedSink()
        let line = [UInt8](repeating: 0x20, count: 4000) + Array(line.utf8)
        let text = [[UInt8]](repeating: line, count: Limits.connectionBytes * 3 / 2 / line.count)
            .flatMap { $0 }
        try await withServer(sink) { port, _ in _ = try await talk(port, text + lines(0..<2)) }
        #expect(sink.values("n") == ["0", "1"])
    }

    /// A connection may break behind any byte; sending everything again must leave every record exactly once.
    @Test func survivesABreakAtEveryByte() async throws {
        let conversation = Hello(agent: "x", first: 1).line + lines(1..<6) + Array("bad\n\n".utf8) + lines(7..<9)
        let whole = conversation
        for cut in stride(from: 0, through: whole.count, by: 1) {
            let sink = ScriptedSink()
            try await withServer(sink) { port, _ in
                try await AgentLink.connect(host: "127.0.0.1", port: port) { link in
                    if cut > 0 { try await link.send(Array(whole[..<cut])) }
                    if cut % 2 == 0 { link.abort() }
                }
                let replies = try await talk(port, whole)
                guard case .welcome(_, let last) = replies.first else {
                    Issue.record("cut \(cut): no welcome")
                    return
                }
                let expected = (1..<9).filter { $0 != 6 }.map { String($0) }
                #expect(sink.values("n") == expected, "cut \(cut), last \(last)")
                #expect(await sink.lastSequence(of: "x") == 8)
                #expect(sink.outOfOrder == 0, "cut \(cut)")
            }
        }
    }

    @Test func dropsWhatIsStoredAndCutsAtTheBoundary() async throws {
        let sink = ScriptedSink()
        try await withServer(sink) { port, _ in
            _ = try await talk(port, Hello(agent: "x", first: 1).line + lines(1..<101))
            let again = try await talk(port, Hello(agent: "x", first: 51).line + lines(51..<151))
            #expect(again.first == .welcome(agent: "x", last: 100))
            _ = try await talk(port, Hello(agent: "y", first: 1).line + lines(1..<3))
        }
        #expect(sink.values("n") == (1..<151).map { String($0) } + ["1", "2"])
    }

    @Test func aSlowSinkStopsTheReading() async throws {
        let sink = ScriptedSink()
        let counters = IntakeCounters()
        let sent = Replies()
        sink.hold()
        try await withServer(sink, counters: counters) { port, _ in
            try await AgentLink.connect(host: "127.0.0.1", port: port) { link in
                try await withThrowingTaskGroup { tasks in
                    let line = Array("{\"text\":\"\(String(repeating: "x", count: 1000))\"}\n".utf8)
                    let block = [[UInt8]](repeating: line, count: 500).flatMap { $0 }
                    tasks.addTask {
                        for _ in 0..<320 {
                            try await link.send(block)
                            sent.add(.failure(""))
                        }
                        link.endSending()
                    }
                    #expect(await eventually { counters.stalledReads > 0 })
                    // 160 MB are on offer; the connection holds its limit, the kernel some tens of MB, no more.
                    try await Task.sleep(for: .milliseconds(200))
                    #expect(counters.bytesRead < 2 * Limits.connectionBytes + 8 * Limits.socketReadBytes)
                    #expect(sent.all.count < 300)
                    sink.release()
                    try await tasks.waitForAll()
                }
                try await link.forEachReply { _ in true }
            }
        }
        #expect(sink.rowCount == 160_000)
    }

    @Test func triesAgainWhenTheSinkRefuses() async throws {
        let sink = ScriptedSink()
        sink.fail([.busy(retryAfterSeconds: 1), .storage("full"), .busy(retryAfterSeconds: 1)])
        let replies = try await withServer(sink) { port, _ in
            try await talk(port, Hello(agent: "x").line + lines(1..<4))
        }
        #expect(sink.values("n") == ["1", "2", "3"])
        #expect(replies.last == .acknowledgement(3, rejected: 0, examples: []))
    }

    @Test func theNewerConnectionOfAnAgentWins() async throws {
        let sink = ScriptedSink()
        try await withServer(sink) { port, _ in
            try await AgentLink.connect(host: "127.0.0.1", port: port) { older in
                try await older.send(Hello(agent: "x", first: 1).line + lines(1..<11))
                #expect(await eventually { sink.rowCount == 10 })
                let replies = try await talk(port, Hello(agent: "x", first: 6).line + lines(6..<21))
                #expect(replies.first == .welcome(agent: "x", last: 10))
                try? await older.send(lines(21..<22))
            }
        }
        #expect(sink.values("n") == (1..<21).map { String($0) })
        #expect(sink.outOfOrder == 0)
    }

    /// It kept its name for ever, and the server from ending: what waited for it to take its acknowledgements did not
    /// hear that it was gone.
    @Test(.timeLimit(.minutes(20))) func anAgentThatReadsNothingAndIsResetCanComeBack() async throws {
        let sink = ScriptedSink()
        try await withServer(sink) { port, _ in
            let channel = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
                .channelOption(.autoRead, value: false).channelOption(.socketOption(.so_rcvbuf), value: 2_048)
                .connect(host: "127.0.0.1", port: port).get()
            try await channel.writeAndFlush(ByteBuffer(bytes: Hello(agent: "x", first: 1).line))
            // Each run of bad lines is a portion of its own, whose acknowledgement describes ten of them.
            let line = Array("bad".utf8) + [UInt8](repeating: 0xFF, count: 250) + [10]
            let bad = Array(Array(repeating: line, count: 12).joined())
            for _ in 0..<400 {
                channel.writeAndFlush(ByteBuffer(bytes: bad), promise: nil)
                try await Task.sleep(for: .milliseconds(1))
            }
            // What it has not read makes this a reset.
            try await channel.close()
            let replies = try await talk(port, Hello(agent: "x").line + lines(0..<3))
            guard case .welcome? = replies.first else {
                Issue.record("no welcome: \(replies)")
                return
            }
        }
        #expect(sink.values("n") == ["0", "1", "2"])
    }

    @Test func shutdownStoresAndAcknowledgesWhatWasRead() async throws {
        let sink = ScriptedSink()
        let replies = Replies()
        sink.hold()
        let counters = IntakeCounters()
        try await withServer(sink, counters: counters) { port, shutDown in
            try await AgentLink.connect(host: "127.0.0.1", port: port) { link in
                try await link.send(Hello(agent: "x").line + lines(1..<1001))
                #expect(await eventually { counters.bytesRead > 9000 })
                shutDown()
                try await Task.sleep(for: .milliseconds(50))
                sink.release()
                try await link.forEachReply { reply in
                    replies.add(reply)
                    return true
                }
            }
        }
        #expect(sink.rowCount == Int(replies.lastAcknowledged))
        #expect(sink.rowCount > 0)
    }

    /// Connections that are accepted while the listener closes must not bring the process down.
    @Test(arguments: 0..<20)
    func shutdownUnderConnectionLoad(round: Int) async throws {
        let sink = ScriptedSink()
        try await withServer(sink) { port, shutDown in
            await withTaskGroup { tasks in
                for _ in 0..<8 {
                    tasks.addTask {
                        for record in 0..<40 {
                            guard (try? await talk(port, lines(record..<(record + 1)))) != nil else { break }
                        }
                    }
                }
                try? await Task.sleep(for: .milliseconds(round))
                shutDown()
            }
        }
    }
}
