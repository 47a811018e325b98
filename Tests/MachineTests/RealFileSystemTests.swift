import Bytes
import Machine
import Testing

/// A folder of its own for one test, removed at the end.
final class TemporaryFolder {
    let path: String

    init(_ name: String = #function) {
        path = "/tmp/plumb-tests/\(processID())-\(systemEntropy())"
        try! RealFileSystem().createDirectory(path)
    }

    deinit { Self.removeTree(path) }

    private static func removeTree(_ path: String) {
        let files = RealFileSystem()
        for name in (try? files.list(path)) ?? [] { removeTree(path + "/" + name) }
        try? files.remove(path)
    }
}

@Suite struct RealFileSystemTests {
    let folder = TemporaryFolder()
    let files = RealFileSystem()

    @Test func writesAreReadBackWhollyAndInPart() throws {
        let path = folder.path + "/a"
        let file = try files.open(path, .createNew)
        try file.write(Array("hello world".utf8).rawSpan, at: 0)
        try file.write(Array("there".utf8).rawSpan, at: 6)
        try file.sync()
        #expect(try file.size() == 11)
        #expect(try file.read(at: 6, count: 100) == Array("there".utf8))
        #expect(try files.readAll(path) == Array("hello there".utf8))
        let mapped = try files.map(path)
        try files.remove(path)
        #expect(ByteString(mapped.bytes) == "hello there")
        #expect(throws: FileError(.notFound, "open", path)) { try files.open(path, .read) }
    }

    /// Pages behind the end of a file would end the process; now zeros stand there, and the count says so first.
    @Test func aFileCutShortUnderItsMappingReadsAsZerosAndIsCounted() throws {
        let path = folder.path + "/cut"
        let file = try files.open(path, .createNew)
        try file.write([UInt8](repeating: 7, count: 100_000).rawSpan, at: 0)
        let mapped = try files.map(path)
        let other = try files.map(path)
        #expect(mapped.bytes.loadUInt32(at: 50_000) == 0x0707_0707)
        #expect(mapped.losses == 0)
        try file.truncate(to: 20_000)
        #expect(mapped.losses > 0)
        var known = mapped.losses
        for offset in [90_000, 50_000, 50_004] {
            #expect(mapped.bytes.loadUInt32(at: offset) == 0)
            // Once for each page that is lost, before its zeros and after them.
            #expect(mapped.losses == known + (offset == 50_004 ? 0 : 2))
            known = mapped.losses
        }
        #expect(mapped.bytes.loadUInt32(at: 19_996) == 0x0707_0707)
        mapped.forget(0..<100_000)
        #expect(mapped.bytes.loadUInt32(at: 50_000) == 0)
        #expect(mapped.losses == known)
        #expect(ByteString(other.bytes).bytes.suffix(80_000).allSatisfy { $0 == 0 })
    }

    /// Cut within its last page, a file shows zeros without any fault.
    @Test func aFileCutByOneByteIsNoticed() throws {
        let path = folder.path + "/cut"
        let file = try files.open(path, .createNew)
        try file.write([UInt8](repeating: 7, count: 9_000).rawSpan, at: 0)
        let mapped = try files.map(path)
        #expect(mapped.losses == 0)
        try file.truncate(to: 8_999)
        #expect(mapped.losses == 1)
    }

    @Test func moreMappingsThanOneTableHoldsAreWatched() throws {
        let path = folder.path + "/many"
        let file = try files.open(path, .createNew)
        try file.write([UInt8](repeating: 7, count: 9_000).rawSpan, at: 0)
        for _ in 0..<2 {
            let mappings = try (0..<1_500).map { _ in try files.map(path) }
            try file.truncate(to: 0)
            #expect(mappings.allSatisfy { $0.bytes.loadUInt32(at: 5_000) == 0 && $0.losses > 0 })
            try file.write([UInt8](repeating: 7, count: 9_000).rawSpan, at: 0)
        }
    }

    @Test func emptyFilesMap() throws {
        _ = try files.open(folder.path + "/empty", .createNew)
        #expect(try files.map(folder.path + "/empty").count == 0)
    }

    @Test func namesAreListedInOrder() throws {
        try files.createDirectory(folder.path + "/deep/er")
        for name in ["b", "a", "c"] { _ = try files.open(folder.path + "/deep/er/" + name, .createNew) }
        #expect(try files.list(folder.path + "/deep/er") == ["a", "b", "c"])
        #expect(throws: FileError(.exists, "open", folder.path + "/deep/er/a")) {
            try files.open(folder.path + "/deep/er/a", .createNew)
        }
        #expect(throws: FileError(.notFound, "list", folder.path + "/none")) { try files.list(folder.path + "/none") }
    }

    @Test func replaceIsWhole() throws {
        let path = folder.path + "/state"
        try files.replace(path, with: Array("one".utf8).rawSpan)
        try files.replace(path, with: Array("two".utf8).rawSpan)
        #expect(try files.readAll(path) == Array("two".utf8))
        #expect(try files.list(folder.path) == ["state"])
    }

    @Test func aSecondLockNamesTheHolder() throws {
        let path = folder.path + "/LOCK"
        let lock = try files.lock(path)
        #expect(throws: FileError(.locked(processID: processID()), "lock", path)) { try files.lock(path) }
        lock.release()
        _ = try files.lock(path)
    }

    @Test func freeSpaceIsKnown() throws {
        #expect(try files.freeBytes(at: folder.path) > 0)
    }
}

@Suite struct ThreadTests {
    @Test func aWorkerKeepsOrderAndDrainsAtClose() async {
        let worker = Worker(name: "test", capacity: 4)
        let seen = Monitor([Int]())
        for number in 0..<100 { worker.submit { seen.update { $0.append(number) } } }
        #expect(await worker.run { 7 } == 7)
        worker.close()
        #expect(seen.withLock { $0 } == Array(0..<100))
        #expect(!worker.submit {})
        #expect(await worker.run { 7 } == nil)
    }

    @Test func aWaitEndsAtItsTimeout() {
        let monitor = Monitor(0)
        #expect(monitor.wait(timeoutNanoseconds: 1_000_000) { $0 == 1 ? true : nil } == nil)
        let thread = MachineThread(name: "setter") { monitor.update { $0 = 1 } }
        #expect(monitor.wait { $0 == 1 ? true : nil } == true)
        thread.join()
    }

    @Test func seededNumbersRepeat() {
        var first = SeededRandom(seed: 7)
        var second = SeededRandom(seed: 7)
        var other = SeededRandom(seed: 8)
        let numbers = (0..<10).map { _ in first.next() }
        #expect(numbers == (0..<10).map { _ in second.next() })
        #expect(numbers != (0..<10).map { _ in other.next() })
    }
}
