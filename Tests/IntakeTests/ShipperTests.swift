import Bytes
import Glibc
import Intake
import Logging
import Machine
import Records
import ServiceLifecycle
import Synchronization
import Testing

@Suite(.serialized) struct ShipperTests {
    /// A fresh folder, removed afterwards.
    private func withFolder(_ body: (String) async throws -> Void) async throws {
        let folder = "/tmp/plumb-ship-\(systemEntropy())"
        let system = RealFileSystem()
        try system.createDirectory(folder + "/state")
        try await body(folder)
        for name in try system.list(folder + "/state") { try system.remove(folder + "/state/" + name) }
        try system.remove(folder + "/state")
        for name in try system.list(folder) { try system.remove(folder + "/" + name) }
        try system.remove(folder)
    }

    private func append(_ bytes: [UInt8], to path: String) throws {
        let file = try RealFileSystem().open(path, .readWrite)
        try file.write(bytes.rawSpan, at: file.size())
    }

    private func shipper(
        _ port: Int, _ folder: String, stopsAtEnd: Bool = true,
        progress: @escaping @Sendable (ShipProgress) -> Void = { _ in },
        refusal: @escaping @Sendable (String, Reply.Refusal) -> Void = { _, _ in }
    ) -> Shipper {
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        return Shipper(
            Shipper.Configuration(
                host: "127.0.0.1", port: port, paths: [folder + "/a.log"], name: "test",
                stateDirectory: folder + "/state",
                stopsAtEnd: stopsAtEnd, pollMilliseconds: 10, rotatedQuietMilliseconds: 100),
            logger: logger, onProgress: progress, onRefusal: refusal)
    }

    @Test func shipsAFileOnceAndGoesOnWhereItStopped() async throws {
        try await withFolder { folder in
            let sink = ScriptedSink()
            let refused = Mutex<[UInt64]>([])
            let seen = Mutex(ShipProgress())
            try append(lines(0..<5000) + Array("bad\n\n{\"n\":\"end\"}".utf8), to: folder + "/a.log")
            try await withServer(sink) { port, _ in
                let run = shipper(port, folder, progress: { now in seen.withLock { $0 = now } }) { _, refusal in
                    refused.withLock { $0.append(refusal.record) }
                }
                try await run.run()
                try await run.run()
                try append(Array("\n".utf8) + lines(5000..<5003), to: folder + "/a.log")
                try await run.run()
            }
            #expect(sink.values("n") == (0..<5000).map { String($0) } + ["end", "5000", "5001", "5002"])
            #expect(refused.withLock { $0 } == [5001])
            #expect(seen.withLock { $0.acknowledgedRecords } == 3)
            #expect(sink.outOfOrder == 0)
        }
    }

    @Test func followsThroughRotationAndTruncation() async throws {
        try await withFolder { folder in
            let sink = ScriptedSink()
            let path = folder + "/a.log"
            try await withServer(sink) { port, _ in
                let service = shipper(port, folder, stopsAtEnd: false)
                var logger = Logger(label: "test")
                logger.logLevel = .critical
                let group = ServiceGroup(configuration: .init(services: [.init(service: service)], logger: logger))
                try await withThrowingTaskGroup { tasks in
                    tasks.addTask { try await group.run() }
                    try append(lines(0..<10), to: path)
                    #expect(await eventually { sink.rowCount == 10 })
                    try append(lines(10..<20) + Array("{\"n\":20}".utf8), to: path)
                    try RealFileSystem().rename(path, to: path + ".1")
                    try append(lines(21..<30), to: path)
                    #expect(await eventually { sink.rowCount == 30 })
                    try RealFileSystem().open(path, .readWrite).truncate(to: 0)
                    try append(lines(30..<33), to: path)
                    #expect(await eventually { sink.rowCount == 33 })
                    await group.triggerGracefulShutdown()
                    try await tasks.waitForAll()
                }
            }
            #expect(sink.values("n") == (0..<33).map { String($0) })
        }
    }

    /// The server goes away and comes back several times under way; another agent process takes over in between.
    @Test func losesAndDoublesNothingOverBrokenConnections() async throws {
        try await withFolder { folder in
            let sink = ScriptedSink()
            try append(lines(0..<200_000), to: folder + "/a.log")
            for round in 0..<6 {
                try await withServer(sink) { port, _ in
                    await withTaskGroup { tasks in
                        tasks.addTask { try? await shipper(port, folder).run() }
                        let target = (round + 1) * 30_000
                        _ = await eventually { sink.rowCount >= target }
                        tasks.cancelAll()
                    }
                }
            }
            try await withServer(sink) { port, _ in try await shipper(port, folder).run() }
            #expect(sink.rowCount == 200_000)
            #expect(sink.values("n") == (0..<200_000).map { String($0) })
            #expect(sink.outOfOrder == 0)
        }
    }

    /// The welcome acknowledges a part of what the hello announced; what follows must still begin where it said.
    @Test func repeatsFromTheNumberThatItAnnounced() async throws {
        try await withFolder { folder in
            let sink = ScriptedSink()
            sink.failAfterStoring(5)
            try append(lines(0..<400_000), to: folder + "/a.log")
            try await withServer(sink) { port, _ in try await shipper(port, folder).run() }
            let isInOrder = sink.values("n") == (0..<400_000).map { String($0) }
            #expect(isInOrder, "\(sink.rowCount) rows")
            #expect(sink.outOfOrder == 0)
        }
    }

    /// An agent that is to end says so when there is no server.
    @Test func givesUpWithoutAServerIfItIsToEnd() async throws {
        try await withFolder { folder in
            try append(lines(0..<3), to: folder + "/a.log")
            var logger = Logger(label: "test")
            logger.logLevel = .critical
            let configuration = Shipper.Configuration(
                host: "127.0.0.1", port: 1, paths: [folder + "/a.log"], name: "test",
                stateDirectory: folder + "/state", stopsAtEnd: true, patienceSeconds: 0)
            await #expect(throws: (any Error).self) { try await Shipper(configuration, logger: logger).run() }
        }
    }

    @Test func shipsOtherFormsAsJSON() async throws {
        try await withFolder { folder in
            let sink = ScriptedSink()
            let text = (0..<20).map { "2026-03-02 10:00:00 line \($0) of \"text\"\n\tindented\n\n" }.joined()
            try append(Array(text.utf8), to: folder + "/a.log")
            try await withServer(sink) { port, _ in try await shipper(port, folder).run() }
            #expect(sink.rowCount == 40)
            #expect(sink.values("_msg").prefix(2) == ["2026-03-02 10:00:00 line 0 of \"text\"", "\tindented"])
        }
    }

    @Test func refusesADamagedPlace() async throws {
        try await withFolder { folder in
            try append(lines(0..<3), to: folder + "/a.log")
            let sink = ScriptedSink()
            try await withServer(sink) { port, _ in
                try await shipper(port, folder).run()
                let state = folder + "/state/" + (try RealFileSystem().list(folder + "/state"))[0]
                try RealFileSystem().open(state, .readWrite).truncate(to: 9)
                await #expect(throws: CorruptionError.self) { try await shipper(port, folder).run() }
            }
        }
    }

    /// What a kill before the first acknowledgement leaves: the place that was saved before the first record was sent.
    @Test(arguments: ["rename", "truncate", "replace"])
    func aNewFileAfterAKillIsNotTakenForARepetition(change: String) async throws {
        try await withFolder { folder in
            let sink = ScriptedSink()
            let system = RealFileSystem()
            let path = folder + "/a.log"
            try append(lines(0..<100), to: path)
            try await withServer(sink) { port, _ in
                sink.hold()
                var early: [String: [UInt8]] = [:]
                try await withThrowingTaskGroup { tasks in
                    let first = shipper(port, folder)
                    tasks.addTask { try await first.run() }
                    let state = folder + "/state/"
                    // Two saves: the name, and the place before the first record.
                    while early.isEmpty {
                        for name in try system.list(state) where name.hasSuffix(".place") {
                            if let bytes = try? system.readAll(state + name), bytes.count > 150 { early[name] = bytes }
                        }
                        try await Task.sleep(for: .milliseconds(2))
                    }
                    sink.release()
                    try await tasks.waitForAll()
                }
                #expect(sink.rowCount == 100)
                for (name, bytes) in early { try system.replace(folder + "/state/" + name, with: bytes.rawSpan) }
                switch change {
                case "rename": try system.rename(path, to: path + ".1")
                case "truncate": try system.open(path, .readWrite).truncate(to: 0)
                default: try system.remove(path)
                }
                try append(lines(100..<150), to: path)
                try await shipper(port, folder).run()
            }
            #expect(sink.values("n") == (0..<150).map { String($0) })
            #expect(sink.outOfOrder == 0)
        }
    }

    /// Cut and grown beyond its old size between two looks.
    @Test(arguments: [true, false])
    func seesAFileThatWasCutAndRegrown(isRunning: Bool) async throws {
        try await withFolder { folder in
            let sink = ScriptedSink()
            let path = folder + "/a.log"
            try append(lines(0..<10), to: path)
            try await withServer(sink) { port, _ in
                try await withThrowingTaskGroup { tasks in
                    let following = shipper(port, folder, stopsAtEnd: false)
                    if isRunning {
                        tasks.addTask { try await following.run() }
                        #expect(await eventually { sink.rowCount == 10 })
                    } else {
                        try await shipper(port, folder).run()
                    }
                    let file = try RealFileSystem().open(path, .readWrite)
                    let next = lines(100..<300)
                    try file.write(next.rawSpan, at: 0)
                    if !isRunning { try await shipper(port, folder).run() }
                    #expect(await eventually { sink.rowCount == 210 })
                    tasks.cancelAll()
                    try? await tasks.waitForAll()
                }
            }
            #expect(sink.values("n") == (Array(0..<10) + Array(100..<300)).map { String($0) })
        }
    }

    /// Three generations while no agent ran, the oldest of them half read.
    @Test(arguments: [false, true])
    func findsTheFilesThatWereRotatedWhileItWasDown(isFirstGone: Bool) async throws {
        try await withFolder { folder in
            let sink = ScriptedSink()
            let system = RealFileSystem()
            let path = folder + "/a.log"
            try append(lines(0..<10), to: path)
            try append(lines(900..<910), to: folder + "/a.log.bak")
            try await withServer(sink) { port, _ in
                try await shipper(port, folder).run()
                if !isFirstGone { try append(lines(10..<20), to: path) }
                try system.rename(path, to: path + ".1")
                try append(lines(20..<30), to: path)
                try system.rename(path + ".1", to: path + ".2")
                try system.rename(path, to: path + ".1")
                if isFirstGone { try system.remove(path + ".2") }
                try append(lines(30..<40), to: path)
                try await shipper(port, folder).run()
            }
            let expected = Array(0..<(isFirstGone ? 10 : 20)) + Array(20..<40)
            #expect(sink.values("n") == expected.map { String($0) })
        }
    }

    @Test(arguments: ["a.log.1", "a.log-20261123", "a-1.log", "a.2026-11-23T10:00:00Z.log", "a.log.2026.1"])
    func knowsRotatedNames(name: String) { #expect(RotatedName.matches(name, base: "a.log")) }

    @Test(arguments: ["a.log", "a.log.bak", "a.log.1.gz", "b.log.1", "a.log1", "ab.log", "a.log.old-1", "a-.log"])
    func knowsOtherNames(name: String) { #expect(!RotatedName.matches(name, base: "a.log")) }

    @Test func waitsForAWriterThatStillHoldsTheRotatedFile() async throws {
        try await withFolder { folder in
            let sink = ScriptedSink()
            let path = folder + "/a.log"
            try append(lines(0..<10), to: path)
            try await withServer(sink) { port, _ in
                try await withThrowingTaskGroup { tasks in
                    let service = shipper(port, folder, stopsAtEnd: false)
                    tasks.addTask { try await service.run() }
                    #expect(await eventually { sink.rowCount == 10 })
                    try append(Array("{\"n\":".utf8), to: path)
                    try RealFileSystem().rename(path, to: path + ".1")
                    try append(lines(20..<25), to: path)
                    try await Task.sleep(for: .milliseconds(40))
                    try append(Array("10}\n".utf8) + lines(11..<20), to: path + ".1")
                    #expect(await eventually { sink.rowCount == 25 })
                    tasks.cancelAll()
                    try? await tasks.waitForAll()
                }
            }
            #expect(sink.values("n") == (0..<25).map { String($0) })
        }
    }

    /// A server that was put back to an older state must not stop the agent.
    @Test func goesOnWhenTheServerHasLost() async throws {
        try await withFolder { folder in
            let older = ScriptedSink()
            try append(lines(0..<10), to: folder + "/a.log")
            try await withServer(older) { port, _ in try await shipper(port, folder).run() }
            try append(lines(10..<20), to: folder + "/a.log")
            let newer = ScriptedSink()
            try await withServer(newer) { port, _ in try await shipper(port, folder).run() }
            #expect(newer.values("n") == (10..<20).map { String($0) })
        }
    }

    @Test func shipsAFileNamedTwiceOnceAndLocksItsState() async throws {
        try await withFolder { folder in
            let sink = ScriptedSink()
            try append(lines(0..<10), to: folder + "/a.log")
            let paths = ["/a.log", "/./a.log", "/state/../a.log"].map { folder + $0 }
            let configuration = { @Sendable (port: Int) in
                Shipper.Configuration(
                    host: "127.0.0.1", port: port, paths: paths, name: "test", stateDirectory: folder + "/state",
                    stopsAtEnd: true, pollMilliseconds: 10)
            }
            try await withServer(sink) { port, _ in
                let lock = try RealFileSystem().lock(folder + "/state/lock")
                await #expect(throws: FileError.self) { try await Shipper(configuration(port)).run() }
                lock.release()
                try await Shipper(configuration(port)).run()
            }
            #expect(sink.values("n") == (0..<10).map { String($0) })
        }
    }
}
