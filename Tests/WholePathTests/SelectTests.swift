import Foundation
import FoundationNetworking
import Testing

/// The shapes of `/select/logsql/…`.
@Suite(.serialized) struct SelectTests {
    private static let rows = """
        {"_time":"2024-01-01T00:00:00Z","_msg":"a error","level":"error","app":"x","n":"1"}
        {"_time":"2024-01-01T06:00:00.500Z","_msg":"b","level":"info","app":"x","n":"2"}
        {"_time":"2024-01-01T12:00:00Z","_msg":"c","level":"info","app":"y","n":"3"}
        {"_time":"2024-01-02T00:00:00Z","_msg":"d","level":"warn","app":"z","n":"4","error":"col"}

        """

    /// Endpoint and arguments, and the answer.
    private static let cases: [(String, [(String, String)], String)] = [
        ("query", [("query", "*|fields n"), ("limit", "2"), ("start", "2024Z")], "{\"n\":\"1\"}\n{\"n\":\"2\"}\n"),
        (
            "query", [("query", "*|fields n,_time|delete _time")],
            "{\"n\":\"1\"}\n{\"n\":\"2\"}\n{\"n\":\"3\"}\n{\"n\":\"4\"}\n"
        ),
        ("query", [("query", "* | fields error")], "{\"error\":\"col\"}\n"),
        (
            "hits", [("query", "*|limit 1"), ("step", "1d"), ("field", "app"), ("fields_limit", "1")],
            """
            {"hits":[{"fields":{},"timestamps":["2024-01-01T00:00:00Z","2024-01-02T00:00:00Z"],"values":[1,1],\
            "total":2},\
            {"fields":{"app":"x"},"timestamps":["2024-01-01T00:00:00Z"],"values":[2],"total":2}]}
            """
        ),
        (
            "facets", [("query", "app:x"), ("max_value_len", "4")],
            """
            {"facets":[{"field_name":"n","values":[{"field_value":"1","hits":1},{"field_value":"2","hits":1}]}]}
            """
        ),
        (
            "stats_query", [("query", "_time:1d | by (app) count() n"), ("time", "2024-01-01T01:00Z")],
            """
            {"status":"success","data":{"resultType":"vector","result":\
            [{"metric":{"__name__":"n","app":"x"},"value":[1704070800,"1"]}]}}
            """
        ),
        (
            "stats_query_range",
            [("query", "app:x | count() n"), ("step", "6h"), ("start", "2024-01-01Z"), ("end", "2024-01-02Z")],
            """
            {"status":"success","data":{"resultType":"matrix","result":\
            [{"metric":{"__name__":"n"},"values":[[1704067200,"1"],[1704088800,"1"]]}]}}
            """
        ),
        ("stream_field_names", [("query", "*")], "{\"values\":[{\"value\":\"app\",\"hits\":4}]}"),
        (
            "stream_field_values", [("query", "n:<4"), ("field", "app")],
            "{\"values\":[{\"value\":\"x\",\"hits\":2},{\"value\":\"y\",\"hits\":1}]}"
        ),
        (
            "field_values",
            [("query", "*"), ("field", "level"), ("limit", "9"), ("extra_filters", "{\"n\":[\"1\",\"4\"]}")],
            "{\"values\":[{\"value\":\"error\",\"hits\":1},{\"value\":\"warn\",\"hits\":1}]}"
        ),
        (
            "streams", [("query", "*"), ("extra_stream_filters", "{\"app\":\"y\"}")],
            "{\"values\":[{\"value\":\"{app=\\\"y\\\"}\",\"hits\":1}]}"
        ),
    ]

    private func ask(
        _ url: String, _ arguments: [(String, String)], method: String = "GET"
    ) async throws -> (status: Int, text: String) {
        var components = try #require(URLComponents(string: url))
        components.queryItems = arguments.map { URLQueryItem(name: $0.0, value: $0.1) }
        var request = URLRequest(url: try #require(components.url))
        request.httpMethod = method
        let (data, response) = try await URLSession.shared.data(for: request)
        return ((response as? HTTPURLResponse)?.statusCode ?? 0, String(decoding: data, as: UTF8.self))
    }

    @Test func answersHaveThePublishedShapes() async throws {
        let folder = try Folder()
        let server = try RunningServer(data: folder("data"), folder: folder)
        _ = try await Program.post(server.url + "/insert/jsonline?_stream_fields=app", Self.rows)
        for (name, arguments, expected) in Self.cases {
            let answer = try await ask(server.url + "/select/logsql/" + name, arguments)
            #expect(answer.text == expected && answer.status == 200, "\(name) \(arguments)")
        }
        let wrong = try await ask(server.url + "/select/logsql/query", [("query", "~\"(\"")])
        #expect(wrong.status == 400 && wrong.text.contains("regular expression"), "\(wrong)")
        let shapeless = try await ask(server.url + "/select/logsql/stats_query", [("query", "*")])
        #expect(shapeless.status == 422 && shapeless.text.contains("\"status\":\"error\""), "\(shapeless)")
        #expect(try await ask(server.url + "/select/logsql/hits", [("query", "*")], method: "DELETE").status == 405)
        #expect(server.program.terminate() == 0)
    }
}
