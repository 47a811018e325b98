import Foundation
import FoundationNetworking
import Testing

/// What goes wrong is said in words, and what is left out is said at all.
@Suite struct PlainWordsTests {
    @Test func filesThatAreNone() throws {
        let folder = try Folder()
        let xz = Data([0xFD, 0x37, 0x7A, 0x58, 0x5A, 0, 0, 4, 0xE6])
        _ = FileManager.default.createFile(atPath: folder("log.xz"), contents: xz)
        let packed = try Program.run(["query", "*", "--from", folder("log.xz")])
        #expect(packed.code == 1 && packed.output.isEmpty && packed.errors.contains("packed with xz"))
        let directory = try Program.run(["query", "*", "--from", folder("")])
        #expect(directory.code == 1 && directory.errors.contains("it is a folder"))
        let server = try Program.run(["query", "*", "--server", "http://127.0.0.1:1"])
        #expect(server.code == 1 && server.errors.contains("answers at http://127.0.0.1:1: Connection refused"))
        let ports = ["--http", "127.0.0.1:0", "--tcp", "127.0.0.1:0"]
        let file = try Program.run(["serve", "--data", folder("log.xz")] + ports)
        #expect(file.code == 1 && file.errors.contains("it is not a folder"))
    }

    @Test func pipesAreRead() throws {
        let shell = Process()
        shell.executableURL = URL(fileURLWithPath: "/bin/bash")
        let text = #"{"n":"1"}\n{"n":"2"}\n{"n":"3"}\n"#
        let command = "'\(Program.path)' query '* | stats sum(n) as s' --from"
        shell.arguments = ["-c", "\(command) <(printf '\(text)'); printf '\(text)' | \(command) /dev/stdin"]
        let output = Pipe()
        shell.standardOutput = output
        try shell.run()
        let read = try output.fileHandleForReading.readToEnd() ?? Data()
        shell.waitUntilExit()
        #expect(String(decoding: read, as: UTF8.self) == "{\"s\":\"6\"}\n{\"s\":\"6\"}\n")
    }

    @Test func leftOutAndCutIsSaid() async throws {
        let folder = try Folder()
        _ = FileManager.default.createFile(atPath: folder("settings"), contents: Data("retention_days: 30\n".utf8))
        let old = (0..<6).map { "{\"_time\":\"2020-01-01T00:00:0\($0)Z\",\"_msg\":\"old\"}\n" }.joined()
        _ = FileManager.default.createFile(atPath: folder("old.ndjson"), contents: Data(old.utf8))
        let id = "aaaabbbbccccddddeeeeffff00001111"
        let row = "{\"_msg\":\"a\\u001b[2Jb\",\"trace_id\":\"\(id)\"}\n"
        let many = String(repeating: row, count: 10_001)
        _ = FileManager.default.createFile(atPath: folder("many.ndjson"), contents: Data(many.utf8))
        let server = try RunningServer(data: folder("data"), folder: folder, extra: ["--config", folder("settings")])
        let imported = try Program.run(["import", folder("old.ndjson"), "--server", server.url])
        #expect(imported.code == 0 && imported.errors.contains("6 records were left out: older than retention"))
        #expect(imported.errors.contains("0 records") && imported.errors.contains("6 rejected"))
        #expect(try Program.run(["import", folder("many.ndjson"), "--server", server.url]).code == 0)
        let trace = try Program.run(["trace", id, "--server", server.url])
        #expect(trace.code == 0 && trace.errors.contains("cut at 10000 records"))
        #expect(trace.output.contains("a␛[2Jb") && !trace.output.contains("\u{1B}"))

        var request = URLRequest(url: URL(string: server.url + "/select/logsql/query")!)
        request.httpMethod = "POST"
        request.httpBody = Data(("query=" + String(repeating: "a", count: 5_000_000)).utf8)
        let (body, answer) = try await URLSession.shared.data(for: request)
        #expect((answer as? HTTPURLResponse)?.statusCode == 413 && !body.isEmpty)
        #expect(server.program.terminate() == 0)
    }
}
