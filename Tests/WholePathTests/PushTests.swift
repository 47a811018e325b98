import Foundation
import FoundationNetworking
import Testing

/// Records from other systems' shippers, over HTTP, to the next query.
@Suite struct PushTests {
    private func send(
        _ server: RunningServer, _ path: String, _ body: Data, type: String, method: String = "POST",
        coding: String? = nil
    ) async throws -> (status: Int, text: String, headers: [AnyHashable: Any]) {
        var request = URLRequest(url: try #require(URL(string: server.url + path)))
        request.httpMethod = method
        request.httpBody = method == "GET" ? nil : body
        request.setValue(type, forHTTPHeaderField: "Content-Type")
        if let coding { request.setValue(coding, forHTTPHeaderField: "Content-Encoding") }
        let (answer, response) = try await URLSession.shared.data(for: request)
        let http = try #require(response as? HTTPURLResponse)
        return (http.statusCode, String(decoding: answer, as: UTF8.self), http.allHeaderFields)
    }

    /// One item an action, the refused ones told apart, and the others stored.
    @Test func elasticsearch() async throws {
        let folder = try Folder()
        let server = try RunningServer(data: folder("data"), folder: folder)
        let hello = try await send(server, "/insert/elasticsearch/", Data(), type: "application/json", method: "GET")
        #expect(hello.status == 200 && hello.text.contains(#""number":"8.9.0""#))
        #expect(hello.headers["X-Elastic-Product"] as? String == "Elasticsearch")
        let policy = try await send(
            server, "/insert/elasticsearch/_ilm/policy/filebeat", Data("{}".utf8), type: "application/json",
            method: "PUT")
        #expect(policy.status == 200)
        var body = ""
        for number in 0..<3_000 {
            let document =
                number % 1_000 == 500 ? "broken" : #"{"message":"m\#(number)","@timestamp":"2026-01-01T00:00:00Z"}"#
            body += #"{"\#(number % 2 == 0 ? "create" : "index")":{}}"# + "\n" + document + "\n"
        }
        body += #"{"delete":{"_id":"1"}}"# + "\n"
        let answer = try await send(
            server, "/insert/elasticsearch/_bulk", Data(body.utf8), type: "application/x-ndjson")
        #expect(answer.status == 200)
        let tree = try #require(try JSONSerialization.jsonObject(with: Data(answer.text.utf8)) as? [String: Any])
        let items = try #require(tree["items"] as? [[String: [String: Any]]])
        let statuses = items.map { $0.values.first?["status"] as? Int }
        let wanted = (0..<3_000).map { $0 % 1_000 == 500 ? 400 : 201 } + [400]
        #expect(statuses == wanted && tree["errors"] as? Bool == true)
        #expect(items[1].keys.first == "index" && items[3_000].keys.first == "delete")
        #expect(try server.query("* | stats count() n") == [["n": "2997"]])
        #expect(try server.query("_msg:=m7 | fields _time") == [["_time": "2026-01-01T00:00:00Z"]])
        #expect(server.program.terminate() == 0)
    }

    @Test func loki() async throws {
        let folder = try Folder()
        let server = try RunningServer(data: folder("data"), folder: folder)
        let text =
            #"{"streams":[{"stream":{"app":"shop"},"values":[["1700000000000000000","{\"msg\":\"paid\",\"ms\":5}"]]}]}"#
        let json = try await send(server, "/insert/loki/api/v1/push", Data(text.utf8), type: "application/json")
        #expect(json.status == 204 && json.text.isEmpty)
        #expect(
            try server.query("* | fields _time, _msg, app, ms, _stream") == [
                [
                    "_time": "2023-11-14T22:13:20Z", "_msg": "paid", "app": "shop", "ms": "5",
                    "_stream": "{app=\"shop\"}",
                ]
            ])
        // A stream with one line, as a Snappy block of one literal.
        let request: [UInt8] = [10, 21, 10, 9] + Array(#"{a="b,c"}"#.utf8) + [18, 8, 18, 6] + Array("packed".utf8)
        let block = [UInt8(request.count), UInt8((request.count - 1) << 2)] + request
        for coding in [nil, "snappy"] {
            let answer = try await send(
                server, "/loki/api/v1/push?_stream_fields=a", Data(block), type: "application/x-protobuf",
                coding: coding)
            #expect(answer.status == 204, "\(answer)")
        }
        #expect(
            try server.query("a:=\"b,c\" | stats by (_msg, _stream) count() n") == [
                ["_msg": "packed", "_stream": "{a=\"b,c\"}", "n": "2"]
            ])
        let wrong = try await send(server, "/loki/api/v1/push", Data([1, 2, 3]), type: "application/x-protobuf")
        #expect(wrong.status == 400 && wrong.text.contains("Snappy"))
        #expect(server.program.terminate() == 0)
    }

    @Test func openTelemetry() async throws {
        let folder = try Folder()
        let server = try RunningServer(data: folder("data"), folder: folder)
        let text =
            #"{"resourceLogs":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"shop"}}]},"#
            + #""scopeLogs":[{"logRecords":[{"timeUnixNano":"1700000000000000000","severityNumber":17,"#
            + #""body":{"stringValue":"paid"},"traceId":"00102030405060708090a0b0c0d0e0f0"}]}]}]}"#
        let json = try await send(server, "/v1/logs", Data(text.utf8), type: "application/json")
        #expect(json.status == 200 && json.text == "{}")
        #expect(
            try server.query("trace_id:=00102030405060708090A0B0C0D0E0F0 or * | fields _msg, level, service.name") == [
                ["_msg": "paid", "level": "error", "service.name": "shop"]
            ])
        // A field name that is too long: the record is refused, and the answer says so in both encodings.
        let long = String(repeating: "n", count: 2_000)
        let refused = try await send(
            server, "/v1/logs", Data(text.replacingOccurrences(of: "service.name", with: long).utf8),
            type: "application/json")
        #expect(refused.status == 200 && refused.text.contains(#""rejectedLogRecords":"1""#), "\(refused)")
        let empty = try await send(server, "/insert/opentelemetry/v1/logs", Data(), type: "application/x-protobuf")
        #expect(empty.status == 200 && empty.text.isEmpty)
        let wrong = try await send(server, "/v1/logs", Data([10, 200]), type: "application/x-protobuf")
        #expect(wrong.status == 400 && wrong.text.contains("at byte"))
        #expect(try server.query("* | stats count() n") == [["n": "1"]])
        #expect(server.program.terminate() == 0)
    }
}
