import Alerts
import Bytes
import Machine
import Records
import Testing

/// Power that goes off and disks that refuse: nobody is told what is not on disk, and what is on disk is told.
@Suite struct AlertCrashTests {
    @Test(arguments: 0..<8) func powerLossAtEveryOperation(seed: UInt64) async throws {
        for crash in 2..<40 {
            var disk = CrashableFileSystem()
            let bench = try Bench(files: disk)
            disk.losePower(at: crash)
            bench.center.inbox.put(notice("f1"))
            await bench.pass(20 * second)
            bench.center.inbox.put(notice("f1", resolvedAt: start))
            await bench.pass(2 * minute, step: 10 * second)
            disk = disk.restarted(seed: seed &* 1_000 &+ UInt64(crash))
            bench.files = disk
            try bench.restart()
            // The watching layer says again what it knows.
            bench.center.inbox.put(notice("f1"))
            await bench.pass(20 * second)
            bench.center.inbox.put(notice("f1", resolvedAt: start))
            await bench.pass(2 * minute, step: 10 * second)
            check(bench.receiver.calls, "seed \(seed) crash \(crash)")
            let incidents = await bench.center.incidents()
            #expect(incidents.count == 1 && incidents.first?.state == .resolved, "seed \(seed) crash \(crash)")
            #expect(await bench.center.status().diskError == nil)
        }
    }

    /// Every message reached the receiver, and whatever came twice came under the same key with the same words.
    private func check(_ calls: [ScriptedReceiver.Call], _ place: Comment) {
        var bodies: [String: String] = [:]
        for call in calls {
            let key = call.headers["Idempotency-Key"] ?? ""
            #expect(bodies[key] == nil || bodies[key] == call.text, place)
            bodies[key] = call.text
        }
        #expect(calls.contains { $0.body["status"]?.text == "firing" }, place)
        #expect(calls.last?.body["status"]?.text == "resolved", place)
    }

    /// `plumb verify` called such a log sound.
    @Test func aDamagedLogIsNotSoundAndAnUnfinishedOneIs() async throws {
        let disk = CrashableFileSystem()
        let bench = try Bench(files: disk)
        for number in 1...3 {
            bench.center.inbox.put(notice("f\(number)"))
            await bench.pass(20 * second)
        }
        let path = bench.folder.path + "/alerts.log"
        let bytes = try disk.readAll(path)
        func verify(_ bytes: [UInt8]) throws -> AlertLogVerification {
            try disk.replace(path, with: bytes.rawSpan)
            return try AlertLogVerification(disk, directory: bench.folder.path)
        }
        let sound = try verify(bytes)
        #expect(sound.problem == nil && sound.note == nil)
        for place in stride(from: 0, to: bytes.count, by: 13) {
            var damaged = bytes
            damaged[place] ^= 0x11
            let found = try verify(damaged)
            #expect(found.problem?.file == path, "byte \(place) of \(bytes.count)")
            #expect(found.note == nil)
            #expect(try verify(Array(bytes[..<place])).problem == nil, "cut at \(place) of \(bytes.count)")
        }
        #expect(try AlertLogVerification(disk, directory: "nowhere").problem == nil)
    }

    @Test(arguments: ["write", "sync"], [FileError.Code.inputOutput, .noSpace])
    func nothingIsSentThatIsNotOnDisk(operation: String, code: FileError.Code) async throws {
        let disk = CrashableFileSystem()
        let bench = try Bench(files: disk)
        await bench.pass(second)
        disk.fail(operation, with: code, times: 1_000)
        bench.center.inbox.put(notice("f1"))
        await bench.pass(20 * second)
        #expect(bench.receiver.calls.isEmpty)
        #expect(await bench.center.status().diskError != nil)
        #expect(await bench.center.status().firing == 1)
        // It goes on by itself when the disk is well again.
        bench.files = disk.restarted(seed: 1)
        try bench.restart()
        bench.center.inbox.put(notice("f1"))
        await bench.pass(20 * second)
        #expect(bench.receiver.calls.count == 1)
    }

    @Test(arguments: ["write", "sync"]) func aDiskThatRecoversIsTrustedOnlyAnew(operation: String) async throws {
        for times in 1...6 {
            let disk = CrashableFileSystem()
            let bench = try Bench(files: disk)
            disk.fail(operation, with: .inputOutput, times: times)
            bench.center.inbox.put(notice("f1"))
            await bench.pass(30 * second)
            #expect(bench.receiver.calls.count == 1)
            #expect(await bench.center.status().diskError == nil)
            bench.files = disk.restarted(seed: UInt64(times))
            try bench.restart()
            #expect(await bench.center.status().firing == 1, "\(operation) \(times)")
            await bench.pass(2 * minute)
            #expect(bench.receiver.calls.count == 1, "told again after \(times) failures of \(operation)")
        }
    }
}
