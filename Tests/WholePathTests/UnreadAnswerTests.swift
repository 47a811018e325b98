import Foundation
import Testing

/// Clients that ask and do not read.
@Suite struct UnreadAnswerTests {
    /// More of them than queries may run at once: others are answered all the same, and the server ends when told to.
    @Test func clientsThatDoNotReadKeepNobodyWaiting() throws {
        let folder = try Folder()
        let rows = 60_000
        let corpus = try Program.run(["corpus", "retail", "--rows", "\(rows)"])
        _ = FileManager.default.createFile(atPath: folder("in.ndjson"), contents: Data(corpus.output.utf8))
        _ = FileManager.default.createFile(atPath: folder("settings"), contents: Data("queries_at_once: 2\n".utf8))
        let server = try RunningServer(
            data: folder("data"), folder: folder, extra: ["--config", folder("settings")])
        #expect(try Program.run(["import", folder("in.ndjson"), "--server", server.url]).code == 0)
        let port = try #require(server.url.split(separator: ":").last)
        let request = "GET /select/logsql/query?query=* HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n"
        let asked = "exec 3<>/dev/tcp/127.0.0.1/\(port); printf '\(request)' >&3; echo asked; read"
        var clients: [(process: Process, input: Pipe)] = []
        for _ in 0..<5 {
            let client = Process()
            let input = Pipe()
            let output = Pipe()
            client.executableURL = URL(fileURLWithPath: "/bin/bash")
            client.arguments = ["-c", asked]
            client.standardInput = input
            client.standardOutput = output
            try client.run()
            #expect(output.fileHandleForReading.availableData == Data("asked\n".utf8))
            clients.append((client, input))
        }
        for _ in 0..<3 {
            #expect(try server.query("* | stats count() as rows") == [["rows": "\(rows)"]])
        }
        for client in clients {
            try client.input.fileHandleForWriting.close()
            client.process.waitUntilExit()
        }
        #expect(server.program.terminate() == 0)
    }
}
