import Foundation
import FoundationNetworking
import Testing

/// Deletion, backups and damage as a client of a real server meets them.
@Suite(.serialized) struct UpkeepTests {
    private func rows(_ numbers: Range<Int>) -> String {
        numbers.map { number in
            let id = String(repeating: String(format: "%04x", number / 2), count: 8)
            return #"{"_time":"2026-03-02T10:00:00.\#(String(format: "%03d", number))Z","_msg":"row \#(number)","#
                + #""service":"\#(number % 2 == 0 ? "cart" : "web")","n":"\#(number)","trace_id":"\#(id)"}"#
        }.joined(separator: "\n")
    }

    private func numbers(_ server: RunningServer, _ query: String = "*") throws -> [Int] {
        try server.query(query + " | fields n").compactMap { $0["n"].flatMap { Int($0) } }.sorted()
    }

    private func get(_ url: String) async throws -> String {
        let address = try #require(URL(string: url))
        return String(decoding: try await URLSession.shared.data(from: address).0, as: UTF8.self)
    }

    @Test func whatIsDeletedStaysDeletedThroughKillAndMerge() async throws {
        let folder = try Folder()
        var server = try RunningServer(data: folder("data"), folder: folder)
        _ = try await Program.post(server.url + "/insert/jsonline", rows(0..<40))
        _ = try await Program.post(server.url + "/insert/jsonline", rows(0..<40), account: "7")
        _ = try await Program.post(server.url + "/internal/force_flush", "")
        _ = try await Program.post(server.url + "/insert/jsonline", rows(40..<60))
        let run = server.url + "/delete/run_task?filter=service%3A%3Dcart"
        #expect(try await get(run).hasPrefix("only POST"))
        #expect(try await Program.post(run, "").hasPrefix(#"{"task_id":""#))
        let bad = try await Program.post(server.url + "/delete/run_task?filter=a%20%7C%20b", "")
        #expect(bad.contains("^"), "\(bad)")
        _ = try await Program.post(server.url + "/insert/jsonline", rows(60..<70))
        let kept = (0..<60).filter { $0 % 2 == 1 } + Array(60..<70)
        #expect(try numbers(server) == kept)
        server.program.kill()
        let offline = try Program.run(["query", "* | stats count() n", "--data", folder("data")])
        #expect(offline.output.contains("\"\(kept.count)\""), "\(offline)")
        server = try RunningServer(data: folder("data"), folder: folder, number: 1)
        #expect(try numbers(server) == kept)
        let hits = try await get(server.url + "/select/logsql/hits?query=service%3A%3Dcart&step=1d")
        #expect(hits.contains("\"total\":5"), "\(hits)")
        let trace = try await get(server.url + "/api/v1/trace/" + String(repeating: "0003", count: 8))
        #expect(trace.contains("row 7") && !trace.contains("row 6"), "\(trace)")
        _ = try await Program.post(server.url + "/internal/force_flush", "")
        _ = try await Program.post(server.url + "/internal/force_merge", "")
        #expect(try numbers(server) == kept)
        #expect(try await get(server.url + "/delete/active_tasks") == "[]")
        let metrics = try await get(server.url + "/metrics")
        #expect(metrics.contains("plumb_deleted_rows_total 30\n"))
        #expect(metrics.contains("plumb_rows \(kept.count + 40)\n"))
        #expect(server.program.terminate() == 0)
        #expect(try Program.run(["verify", "--data", folder("data")]).code == 0)
    }

    @Test func aSnapshotIsADataFolderThatServes() async throws {
        let folder = try Folder()
        let server = try RunningServer(data: folder("data"), folder: folder)
        _ = try await Program.post(server.url + "/insert/jsonline", rows(0..<30))
        let answer = try await Program.post(server.url + "/api/v1/snapshot?name=monday", "")
        #expect(
            answer.contains(#""path":"\#(folder("data/snapshots/monday").replacing("/", with: "\\/"))""#)
                || answer.contains(folder("data/snapshots/monday")), "\(answer)")
        let again = try await Program.post(server.url + "/api/v1/snapshot?name=monday", "")
        #expect(again.contains("there is a snapshot"))
        #expect(try await Program.post(server.url + "/api/v1/snapshot?name=..%2Fx", "").contains("no name"))
        #expect(try await Program.post(server.url + "/api/v1/snapshot", "").contains("snapshots"))
        _ = try await Program.post(server.url + "/insert/jsonline", rows(30..<40))
        server.program.kill()
        #expect(try Program.run(["verify", "--data", folder("data/snapshots/monday")]).code == 0)
        let copy = try RunningServer(data: folder("data/snapshots/monday"), folder: folder, number: 1)
        #expect(try numbers(copy) == Array(0..<30))
        #expect(copy.program.terminate() == 0)
    }

    @Test func aDamagedBlockIsLeftOutAndSaid() async throws {
        let folder = try Folder()
        var server = try RunningServer(data: folder("data"), folder: folder)
        for start in [0, 20] {
            _ = try await Program.post(server.url + "/insert/jsonline", rows(start..<(start + 20)))
            _ = try await Program.post(server.url + "/internal/force_flush", "")
        }
        #expect(server.program.terminate() == 0)
        let names = try FileManager.default.contentsOfDirectory(atPath: folder("data/segments")).sorted()
        let path = folder("data/segments/" + names[0])
        var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
        // Within the columns of the only block: headers come first, the index and the footer last.
        let place = try #require(bytes.range(of: Data("PBK1".utf8))).lowerBound
        let header = bytes[(place + 4)..<(place + 8)].reversed().reduce(0) { $0 << 8 | Int($1) }
        for offset in 0..<40 { bytes[place + 12 + header + offset] ^= 0x55 }
        try bytes.write(to: URL(fileURLWithPath: path))
        let verified = try Program.run(["verify", "--data", folder("data")])
        #expect(verified.code == 1 && verified.output.contains(names[0]))
        let offline = try Program.run(["query", "*", "--data", folder("data")])
        #expect(offline.code == 0 && offline.output.split(separator: "\n").count == 20, "\(offline)")
        #expect(offline.errors.contains(names[0]))
        server = try RunningServer(data: folder("data"), folder: folder, number: 1)
        let answer = try await get(server.url + "/select/logsql/query?query=*").split(separator: "\n")
        #expect(answer.count { $0.contains("_msg") } == 20, "\(answer)")
        #expect(answer.last?.contains("1 damaged segments were left out") ?? false, "\(answer)")
        let trace = try await get(server.url + "/api/v1/trace/" + String(repeating: "000c", count: 8))
        #expect(trace.contains("row 25") && trace.contains(#""partial":"1 damaged"#), "\(trace)")
        try checkPartialTraces(["--server", server.url])
        #expect(try await get(server.url + "/metrics").contains("plumb_damage_total 1\n"))
        let log = try String(contentsOfFile: folder("server-1.log"), encoding: .utf8)
        let said = log.split(separator: "\n").filter { $0.contains("damaged, left out") }
        #expect(said.count == 1 && said[0].contains(names[0]) && said[0].contains("byte "), "\(log)")
        _ = try await Program.post(server.url + "/internal/force_merge", "")
        #expect(FileManager.default.fileExists(atPath: path), "kept for whoever wants to repair it")
        #expect(server.program.terminate() == 0)
        try checkPartialTraces(["--data", folder("data")])
    }

    /// A request of the sound segment, and one that only the damaged segment knew: both answers may lack records.
    private func checkPartialTraces(_ place: [String]) throws {
        let found = try Program.run(["trace", String(repeating: "000c", count: 8)] + place)
        #expect(found.code == 0 && found.output.contains("row 25"), "\(found)")
        let lost = try Program.run(["trace", String(repeating: "0003", count: 8)] + place)
        #expect(lost.code == 1 && lost.errors.contains("no record that can be read has the ID"), "\(lost)")
        // Read anew, a folder's damage is not met by a request that the damaged segment knows nothing of.
        for answer in place[0] == "--server" ? [found, lost] : [lost] {
            #expect(answer.errors.contains("partial answer: 1 damaged segments were left out"), "\(answer)")
        }
    }

    @Test func aSegmentCutShortUnderTheServerIsLeftOutAndSaid() async throws {
        let folder = try Folder()
        let server = try RunningServer(data: folder("data"), folder: folder)
        for start in [0, 40_000] {
            let lines = (start..<(start + 40_000)).map { number in
                let hash = String(UInt64(number + 1) &* 0x9E37_79B9_7F4A_7C15, radix: 16)
                return #"{"_time":\#(1_772_445_600_000 + number),"_msg":"row \#(number) \#(hash)","n":"\#(number)"}"#
            }
            _ = try await Program.post(server.url + "/insert/jsonline", lines.joined(separator: "\n"))
            _ = try await Program.post(server.url + "/internal/force_flush", "")
        }
        let count = server.url + "/select/logsql/query?query=row%20%7C%20stats%20count()%20rows"
        #expect(try await get(count).contains(#""rows":"80000""#))
        let names = try FileManager.default.contentsOfDirectory(atPath: folder("data/segments")).sorted()
        let file = try FileHandle(forWritingTo: URL(fileURLWithPath: folder("data/segments/" + names[0])))
        try file.truncate(atOffset: 5_000)
        let all = server.url + "/select/logsql/query?query=*%20%7C%20fields%20n,_msg"
        let answer = try await get(all).split(separator: "\n")
        #expect(answer.count { $0.contains("_msg") } == 40_000)
        #expect(answer.last?.contains("1 damaged segments were left out") ?? false, "\(answer.last ?? "")")
        #expect(try await get(server.url + "/metrics").contains("plumb_damage_total 1\n"))
        #expect(server.program.terminate() == 0)
    }

    /// What fails for no fault of the request says why: a file stands where snapshots go.
    @Test func aSnapshotThatFailsSaysWhy() async throws {
        let folder = try Folder()
        let server = try RunningServer(data: folder("data"), folder: folder)
        _ = try await Program.post(server.url + "/insert/jsonline", rows(0..<30))
        _ = FileManager.default.createFile(atPath: folder("data/snapshots"), contents: Data("x".utf8))
        let answer = try await Program.post(server.url + "/api/v1/snapshot?name=monday", "")
        #expect(answer.contains(folder("data/snapshots")) && answer.hasSuffix("\n"), "\(answer)")
        try FileManager.default.removeItem(atPath: folder("data/snapshots"))
        #expect(try await Program.post(server.url + "/api/v1/snapshot?name=monday", "").contains("monday"))
        #expect(server.program.terminate() == 0)
    }
}
