import Foundation
import FoundationNetworking
import Testing

/// Clients that follow, and clients that leave.
@Suite(.serialized) struct ClientTests {
    /// A client in a shell, which prints what comes and goes when it is told to.
    private final class Client: Sendable {
        private let process = Process()
        let log: String

        init(_ server: RunningServer, _ path: String, log: String) throws {
            self.log = log
            let port = try #require(server.url.split(separator: ":").last)
            _ = FileManager.default.createFile(atPath: log, contents: nil)
            process.executableURL = URL(fileURLWithPath: "/bin/bash")
            let request = "GET \(path) HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n"
            process.arguments = [
                "-c", "exec 3<>/dev/tcp/127.0.0.1/\(port); printf '%b' '\(request)' >&3; exec cat <&3",
            ]
            process.standardOutput = try FileHandle(forWritingTo: URL(fileURLWithPath: log))
            process.standardInput = FileHandle.nullDevice
            try process.run()
        }

        var text: String { (try? String(contentsOfFile: log, encoding: .utf8)) ?? "" }

        func leave() {
            kill(process.processIdentifier, SIGKILL)
            process.waitUntilExit()
        }
    }

    /// Waits for something that happens sooner or later.
    private func eventually(_ what: String, _ condition: () async throws -> Bool) async throws {
        for _ in 0..<15_000 {
            if try await condition() { return }
            try await Task.sleep(nanoseconds: 20_000_000)
        }
        throw ProgramError("never: \(what)")
    }

    private func metric(_ name: String, _ server: RunningServer) async throws -> Int {
        let url = try #require(URL(string: server.url + "/metrics"))
        let text = String(decoding: try await URLSession.shared.data(from: url).0, as: UTF8.self)
        let line = try #require(text.split(separator: "\n").last { $0.contains(name) && !$0.hasPrefix("#") })
        return try #require(line.split(separator: " ").last.flatMap { Int($0) })
    }

    /// What matches comes, once, also from agents that send it late, until the client leaves.
    @Test func aTailShowsWhatArrivesUntilItsClientLeaves() async throws {
        let folder = try Folder()
        let server = try RunningServer(data: folder("data"), folder: folder)
        let tail = try Client(
            server, "/select/logsql/tail?query=level:error%7Cfields%20n&offset=0s&refresh_interval=50ms",
            log: folder("tail"))
        try await eventually("a follower") { try await metric("tail_followers", server) == 1 }
        try await eventually("the headers") { tail.text.contains("application/x-ndjson") }
        let insert = server.url + "/insert/jsonline"
        for number in 1...3 {
            // The second is a week late.
            let time = number == 2 ? ",\"_time\":\"\(Date(timeIntervalSinceNow: -600_000).ISO8601Format())\"" : ""
            let rows = "{\"n\":\"\(number)\",\"level\":\"error\"\(time)}\n{\"n\":\"no\",\"level\":\"info\"}\n"
            _ = try await Program.post(insert, rows)
            try await eventually("row \(number)") { tail.text.contains("{\"n\":\"\(number)\"}") }
        }
        // Of another tenant.
        _ = try await Program.post(insert, "{\"n\":\"other\",\"level\":\"error\"}\n", account: "7")
        _ = try await Program.post(insert, "{\"n\":\"4\",\"level\":\"error\"}\n")
        try await eventually("row 4") { tail.text.contains("{\"n\":\"4\"}") }
        #expect(!tail.text.contains("\"no\"") && !tail.text.contains("\"other\""))
        for number in 1...4 {
            #expect(tail.text.components(separatedBy: "{\"n\":\"\(number)\"}").count == 2, "\(tail.text)")
        }
        // One that comes back begins with the last seconds.
        let again = try Client(
            server, "/select/logsql/tail?query=level:error%7Cfields%20n&start_offset=1h", log: folder("again"))
        try await eventually("the rows again") { again.text.contains("{\"n\":\"4\"}") }
        #expect(!again.text.contains("{\"n\":\"2\"}"))
        tail.leave()
        again.leave()
        try await eventually("no follower") { try await metric("tail_followers", server) == 0 }
        #expect(server.program.terminate() == 0)
    }

    /// A query that would take for ever ends when nobody waits for it, whether its answer is sent as it comes or whole.
    @Test(arguments: ["query", "stats_query", "hits", "facets"])
    func aQueryEndsWithItsClient(_ endpoint: String) async throws {
        let folder = try Folder()
        _ = FileManager.default.createFile(atPath: folder("settings"), contents: Data("queries_at_once: 1\n".utf8))
        let server = try RunningServer(data: folder("data"), folder: folder, extra: ["--config", folder("settings")])
        _ = try await Program.post(server.url + "/insert/jsonline", "{\"n\":\"1\"}\n")
        // The other endpoints drop pipes, but not subqueries.
        let endless = "*%7Cgenerate_sequence%20100000000000%7Cstats%20count()%20n"
        let text = endpoint.hasSuffix("query") ? endless : "n:in(\(endless)%7Cfields%20n)"
        let client = try Client(server, "/select/logsql/\(endpoint)?query=\(text)", log: folder("client"))
        try await eventually("a query") { try await metric("queries_total", server) == 1 }
        client.leave()
        try await eventually("its end") { try await metric("queries_cancelled_total", server) == 1 }
        #expect(try server.query("* | fields n") == [["n": "1"]])
        #expect(server.program.terminate() == 0)
    }
}
