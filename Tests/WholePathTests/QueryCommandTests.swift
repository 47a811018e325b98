import Foundation
import Testing

/// What `plumb query` and `plumb rules` take and answer, apart from the language.
@Suite struct QueryCommandTests {
    private func run(_ arguments: [String], _ input: String = "") throws -> (
        output: String, errors: String, code: Int32
    ) {
        try Program.run(arguments, input: Data(input.utf8))
    }

    @Test func aQueryMayBeginWithAMinusSign() throws {
        let rows = "{\"level\":\"error\"}\n{\"level\":\"info\"}\n"
        let answer = try run(["query", "--from", "-", "-level:error"], rows)
        #expect(answer.output == "{\"level\":\"info\"}\n" && answer.code == 0, "\(answer.errors)")
    }

    @Test(arguments: [["--start", "zzz"], ["--end", "zzz"], ["--tenant", "x"]]) func wrongArgumentsAreTwo(
        _ one: [String]
    ) throws {
        let folder = try Folder()
        let source = one[0] == "--tenant" ? ["--data", folder("data")] : ["--from", "-"]
        #expect(try run(["query", "*"] + source + one).code == 2)
    }

    @Test func aBadExpressionIsTwo() throws {
        let answer = try run(["query", "--from", "-", "_msg:~\"(\""], "{\"_msg\":\"a\"}\n")
        #expect(answer.code == 2 && answer.errors.contains("regular expression"), "\(answer.errors)")
    }

    @Test func noLimitIsZero() throws {
        let answer = try run(
            ["query", "--from", "-", "--limit", "0", "* | fields a"], "{\"a\":\"1\"}\n{\"a\":\"2\"}\n")
        #expect(answer.output == "{\"a\":\"1\"}\n{\"a\":\"2\"}\n")
    }

    @Test func tablesShowControlCharacters() throws {
        let answer = try run(["query", "--from", "-", "--format", "table", "*"], "{\"a\":\"x\\u001b[31m\\ny\"}\n")
        #expect(answer.output.contains("x␛[31m⏎y"), "\(answer.output)")
    }

    @Test func columnsStandInTheOrderOfTheRows() throws {
        let rows = "{\"b\":\"1\",\"a\":\"x\"}\n{\"c\":\"2\",\"b\":\"3\"}\n"
        let answer = try run(["query", "--from", "-", "--format", "csv", "*"], rows)
        #expect(answer.output == "b,a,c\r\n1,x,\r\n3,,2\r\n")
    }

    @Test func formsMayBeMixed() throws {
        let lines = "{\"_msg\":\"one\",\"a\":\"1\"}\nlevel=info msg=\"two\" a=2\nthree\n  more\n{\"_msg\":\"four\"}\n"
        let answer = try run(["query", "--from", "-", "* | fields _msg, a"], lines)
        #expect(
            answer.output == """
                {"_msg":"one","a":"1"}
                {"_msg":"two","a":"2"}
                {"_msg":"three\\n  more"}
                {"_msg":"four"}

                """)
    }

    static let rules = """
        groups:
          - name: g
            interval: 1m
            rules:
              - alert: ManyErrors
                expr: 'level:error | stats by (service) count() as n | n:>5'
                labels: {severity: page}
                annotations: {summary: "{{ $value }} errors"}
        """

    @Test func rulesAreTestedOverMadeUpRecords() throws {
        let folder = try Folder()
        try Self.rules.write(toFile: folder("rules.yaml"), atomically: true, encoding: .utf8)
        let tests = """
            rule_files: [rules.yaml]
            tests:
              - name: fires
                input_records:
                  - {at: 61s, every: 5s, times: 10, record: {service: checkout, level: error, _msg: refused}}
                alert_rule_test:
                  - {eval_time: 1m, alertname: ManyErrors, exp_alerts: []}
                  - eval_time: 2m
                    alertname: ManyErrors
                    exp_alerts:
                      - exp_labels: {service: checkout, severity: page}
                        exp_annotations: {summary: 10 errors}
            """
        try tests.write(toFile: folder("good.yaml"), atomically: true, encoding: .utf8)
        let good = try run(["rules", "test", folder("good.yaml")])
        #expect(good.code == 0 && good.output.contains("1 of 1 tests passed"), "\(good.output)\(good.errors)")
        try tests.replacing("service: checkout, severity", with: "service: cart, severity")
            .write(toFile: folder("bad.yaml"), atomically: true, encoding: .utf8)
        let bad = try run(["rules", "test", folder("bad.yaml")])
        #expect(
            bad.code == 1 && bad.output.contains("does not fire with {service=\"cart\""), "\(bad.output)\(bad.errors)")
    }

    /// Over a file, and over the same records in a server.
    @Test func rulesAreTriedOnHistory() async throws {
        let folder = try Folder()
        try Self.rules.write(toFile: folder("rules.yaml"), atomically: true, encoding: .utf8)
        let lines = (0..<60).map { second in
            "{\"_time\":\"2026-03-02T10:00:\(second < 10 ? "0" : "")\(second)Z\",\"level\":\"error\",\"service\":\"s\"}"
        }
        let last = "{\"_time\":\"2026-03-02T10:05:00Z\",\"level\":\"info\",\"service\":\"s\"}"
        let history = (lines + [last]).joined(separator: "\n") + "\n"
        let answer = try run(["rules", "backtest", folder("rules.yaml"), "--from", "-"], history)
        #expect(
            answer.output.contains("2026-03-02T10:01:00Z  2026-03-02T10:02:00Z  ManyErrors"),
            "\(answer.output)\(answer.errors)")
        let server = try RunningServer(data: folder("data"), folder: folder)
        _ = try await Program.post(server.url + "/insert/jsonline", history)
        let same = try run(["rules", "backtest", folder("rules.yaml"), "--server", server.url])
        #expect(same.output == answer.output && same.errors == answer.errors, "\(same.output)\(same.errors)")
        let none = try run(["rules", "backtest", folder("rules.yaml"), "--server", server.url, "--tenant", "7"])
        #expect(none.code == 1 && none.errors.contains("no records"))
        #expect(server.program.terminate() == 0)
    }
}
