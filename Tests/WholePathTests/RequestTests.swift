import Foundation
import FoundationNetworking
import Testing

/// Requests as other clients than ours make them.
@Suite struct RequestTests {
    /// curl holds a large body back until it is told to go on.
    @Test func aBodyThatIsHeldBackIsAskedFor() throws {
        let folder = try Folder()
        let server = try RunningServer(data: folder("data"), folder: folder)
        let port = try #require(server.url.split(separator: ":").last)
        let body = #"{"_msg":"held back"}"#
        let head =
            "POST /insert/jsonline HTTP/1.1\\r\\nHost: x\\r\\nExpect: 100-continue\\r\\nConnection: close\\r\\n"
            + "Content-Length: \(body.utf8.count)\\r\\n\\r\\n"
        let script = """
            exec 3<>/dev/tcp/127.0.0.1/\(port); printf '\(head)' >&3
            read -r -t 20 told <&3; read -r -t 20 blank <&3; echo "$told"
            printf '%s' '\(body)' >&3; read -r -t 20 answer <&3; echo "$answer"; cat <&3 >/dev/null
            """
        #expect(
            try Self.bash(script).replacingOccurrences(of: "\r", with: "")
                == "HTTP/1.1 100 Continue\nHTTP/1.1 200 OK\n")
        #expect(try server.query("* | fields _msg") == [["_msg": "held back"]])
        #expect(server.program.terminate() == 0)
    }

    /// `debug=1` shows the records as they would be stored, and stores none.
    @Test func debugStoresNothing() async throws {
        let folder = try Folder()
        let server = try RunningServer(data: folder("data"), folder: folder)
        let answer = try await Program.post(
            server.url + "/insert/jsonline?debug=1&_msg_field=text", #"{"text":"only shown","a":{"b":1}}"# + "\n")
        #expect(answer.contains(#""_msg":"only shown""#) && answer.contains(#""a.b":"1""#), "\(answer)")
        #expect(try server.query("* | stats count() n") == [["n": "0"]])
        #expect(server.program.terminate() == 0)
    }

    /// An ID in a path may hold anything that percent signs can say.
    @Test func identifiersInPathsAreDecoded() async throws {
        let folder = try Folder()
        let server = try RunningServer(data: folder("data"), folder: folder)
        _ = try await Program.post(
            server.url + "/insert/jsonline", #"{"_msg":"found","request_id":"req:7/a+b é"}"# + "\n")
        let url = try #require(URL(string: server.url + "/api/v1/trace/req%3A7%2Fa%2Bb%20%C3%A9"))
        let answer = String(decoding: try await URLSession.shared.data(from: url).0, as: UTF8.self)
        #expect(answer.contains("found"), "\(answer)")
        #expect(server.program.terminate() == 0)
    }

    /// Pipes behind which results are no samples any more are refused as Prometheus' clients expect it.
    @Test(arguments: ["limit 1", "offset 1", "copy c as level", "rename level as level", "rename x as c"])
    func resultsThatAreNoSamplesAreRefused(_ pipe: String) async throws {
        let folder = try Folder()
        let server = try RunningServer(data: folder("data"), folder: folder)
        var request = try #require(URLComponents(string: server.url + "/select/logsql/stats_query"))
        request.queryItems = [URLQueryItem(name: "query", value: "* | stats by (level) count() c | " + pipe)]
        let (body, answer) = try await URLSession.shared.data(from: try #require(request.url))
        #expect((answer as? HTTPURLResponse)?.statusCode == 422)
        #expect(String(decoding: body, as: UTF8.self).contains(#""status":"error""#))
        #expect(server.program.terminate() == 0)
    }

    private static func bash(_ script: String) throws -> String {
        let process = Process()
        let output = Pipe()
        process.executableURL = URL(fileURLWithPath: "/bin/bash")
        process.arguments = ["-c", script]
        process.standardOutput = output
        try process.run()
        let text = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return String(decoding: text, as: UTF8.self)
    }
}
