import Foundation
import Testing

/// The commands as scripts use them.
@Suite(.serialized) struct CommandTests {
    @Test func aTraceIsFoundInMemoryInSegmentsAndAcrossBoth() throws {
        let folder = try Folder()
        let server = try RunningServer(data: folder("data"), folder: folder)
        func insert(_ number: Int) throws {
            let line = """
                {"_time":"2026-03-02T10:00:0\(number)Z","_msg":"step \(number)","service":"s\(number)",\
                "trace_id":"4BF92F35-77B3-4DA6-A3CE-929D0E0E4736","duration_ms":12.50}

                """
            try line.write(toFile: folder("line"), atomically: true, encoding: .utf8)
            let agent = ["ship", folder("line"), "--to", server.tcp, "--agent", "a\(number)", "--exit-at-end"]
            let shipped = try Program.run(agent + ["--state", folder("agent-\(number)")])
            #expect(shipped.code == 0, "\(shipped.errors)")
        }
        func messages() throws -> [String] {
            let found = try Program.run([
                "trace", "4bf92f3577b34da6a3ce929d0e0e4736", "--server", server.url, "--format", "ndjson",
            ])
            return try found.output.split(separator: "\n").map { line in
                try JSONDecoder().decode([String: String].self, from: Data(line.utf8))["_msg"] ?? ""
            }
        }
        try insert(1)
        #expect(try messages() == ["step 1"])
        #expect(try Program.run(["flush", "--server", server.url]).code == 0)
        #expect(try messages() == ["step 1"])
        try insert(2)
        #expect(try messages() == ["step 1", "step 2"])
        #expect(server.program.terminate() == 0)
        let drawn = try Program.run(["trace", "4bf92f3577b34da6a3ce929d0e0e4736", "--data", folder("data")])
        #expect(drawn.code == 0 && drawn.output.contains("2 records, 2 services"), "\(drawn.output)")
        #expect(try Program.run(["trace", "0000000000000000", "--data", folder("data")]).code == 1)
    }

    @Test func aSecondServerOnTheFolderIsRefusedAndNamesTheFirst() throws {
        let folder = try Folder()
        let server = try RunningServer(data: folder("data"), folder: folder)
        let second = try Program.run([
            "serve", "--data", folder("data"), "--http", "127.0.0.1:0", "--tcp", "127.0.0.1:0",
        ])
        #expect(second.code == 1)
        #expect(second.errors.contains("in use by process"), "\(second.errors)")
        #expect(server.program.terminate() == 0)
    }

    /// A damaged state of the deviations stopped the whole server, and `verify` called the folder sound.
    @Test func aDamagedStateIsFoundAndSetAside() throws {
        let folder = try Folder()
        #expect(try RunningServer(data: folder("data"), folder: folder).program.terminate() == 0)
        #expect(try Program.run(["verify", "--data", folder("data")]).code == 0)
        let state = folder("data/deviations.state")
        let damaged = Data(try Data(contentsOf: URL(fileURLWithPath: state)).map { $0 ^ 0x20 })
        try damaged.write(to: URL(fileURLWithPath: state))
        // A change of 4 bytes whose checksum is wrong.
        try Data([4, 0, 0, 0, 1, 2, 3, 4] + Array("[[]]".utf8)).write(
            to: URL(fileURLWithPath: folder("data/alerts/alerts.log")))
        let found = try Program.run(["verify", "--data", folder("data")])
        #expect(found.code == 1)
        for file in ["deviations.state", "alerts/alerts.log"] {
            #expect(found.output.contains("damaged: " + folder("data/" + file)), "\(found.output)")
        }
        let server = try RunningServer(data: folder("data"), folder: folder, number: 1)
        _ = try server.program.said("(deviations.state: the state's checksum)")
        #expect(try Data(contentsOf: URL(fileURLWithPath: state + ".damaged")) == damaged)
        #expect(server.program.terminate() == 0)
        #expect(try Program.run(["verify", "--data", folder("data")]).code == 0)
    }

    @Test func addressesOfBothKindsAreTakenAndOthersNamed() throws {
        let folder = try Folder()
        func refusal(_ arguments: [String]) throws -> (code: Int32, errors: String) {
            let run = try Program.run(["serve", "--data", folder("data")] + arguments)
            return (run.code, run.errors)
        }
        let bare = try refusal(["--http", "::1:0"])
        #expect(bare.code == 2 && bare.errors.contains("\"::1:0\": an IPv6 address wants brackets"), "\(bare)")
        let unknown = try refusal(["--http", "127.0.0.1:0", "--tcp", "nowhere.invalid:0"])
        #expect(unknown.code == 1 && unknown.errors.contains("plumb: TCP on nowhere.invalid:0: "), "\(unknown)")
        let server = try RunningServer(data: folder("data"), folder: folder)
        let taken = try Program.run(["serve", "--data", folder("other"), "--http", "127.0.0.1:0", "--tcp", server.tcp])
        #expect(taken.code == 1 && taken.errors.contains("plumb: TCP on \(server.tcp): "), "\(taken.errors)")
        #expect(server.program.terminate() == 0)
    }

    @Test func everySettingIsDocumented() throws {
        let folder = try Folder()
        let settings = folder("settings.yaml")
        try "queries_at_one: 3".write(toFile: settings, atomically: true, encoding: .utf8)
        let refused = try Program.run(["serve", "--config", settings, "--data", folder("data")])
        #expect(refused.code == 2 && refused.errors.contains("unknown setting queries_at_one; known: "))
        let known = try #require(refused.errors.components(separatedBy: "known: ").last)
        let names = known.split { !($0.isLetter || $0 == "_") }
        #expect(names.count >= 20)
        let root = URL(fileURLWithPath: #filePath).appendingPathComponent("../../../Docs/Settings.md").standardized
        let page = try String(contentsOf: root, encoding: .utf8)
        for name in names { #expect(page.contains("`\(name)`"), "\(name) is not in Docs/Settings.md") }
    }

    @Test func recordsOlderThanRetentionAreAnsweredAsRejected() async throws {
        let folder = try Folder()
        let settings = folder("settings.yaml")
        try "retention_days: 0".write(toFile: settings, atomically: true, encoding: .utf8)
        let refused = try Program.run(["serve", "--config", settings, "--data", folder("data")])
        #expect(refused.code != 0 && refused.errors.contains("retention_days must be"), "\(refused.errors)")
        try "retention_days: 1".write(toFile: settings, atomically: true, encoding: .utf8)
        let server = try RunningServer(data: folder("data"), folder: folder, extra: ["--config", settings])
        let lines = "{\"_time\":\"2020-01-01T00:00:00Z\",\"_msg\":\"old\"}\n{\"_msg\":\"new\"}\n"
        let answer = try await Program.post(server.url + "/insert/jsonline?_agent=a&_first=1", lines)
        #expect(answer.contains("\"accepted\":1,\"rejected\":1,"), "\(answer)")
        #expect(answer.contains("{\"records\":1,\"reason\":\"older than retention\"}"), "\(answer)")
        let other = try await Program.post(
            server.url + "/insert/jsonline?_agent=a&_first=1", lines, account: "7")
        #expect(other.contains("\"accepted\":1,\"rejected\":1,"), "not repeated: \(other)")
        #expect(server.program.terminate() == 0)
    }

    @Test func queriesRunOverStandardInputAndFiles() throws {
        let lines = """
            {"_time":"2026-03-02T10:00:00Z","_msg":"login failed","user":"ada","n":"1.50"}
            {"_time":"2026-03-02T10:00:01Z","_msg":"login ok","user":"bob","n":"2"}
            not json
            {"_time":"2026-03-02T10:00:02Z","_msg":"login failed","user":"ada","n":"007"}

            """
        let rows = try Program.run(["query", "--from", "-", "failed | fields n"], input: Data(lines.utf8))
        #expect(rows.code == 0)
        #expect(rows.output == "{\"n\":\"1.50\"}\n{\"n\":\"007\"}\n", "\(rows.output)")
        #expect(rows.errors.contains(":3:"), "the rejected line is named: \(rows.errors)")
        let counted = try Program.run(
            ["query", "--from", "-", "* | stats by (user) count() as n | sort by (n desc)", "--format", "csv"],
            input: Data(lines.utf8))
        #expect(counted.output == "user,n\r\nada,2\r\nbob,1\r\n", "\(counted.output)")
    }

    @Test func aWrongQueryIsMarkedAndExitsWithTwo() throws {
        let wrong = try Program.run(["query", "error | sotr by (_time)", "--print"])
        #expect(wrong.code == 2)
        #expect(wrong.errors.contains("^") && wrong.errors.contains("sort"), "\(wrong.errors)")
        let right = try Program.run(["query", "error|sort by(_time)", "--print"])
        #expect(right.code == 0 && right.output.contains("sort by (_time)"), "\(right.output)")
        #expect(try Program.run(["no-such-command"]).code == 2)
        #expect(try Program.run(["stats", "--server", "127.0.0.1:1"]).code == 1)
    }

    @Test func thePageTheMetricsAndTheHealthAreServed() throws {
        let folder = try Folder()
        let server = try RunningServer(data: folder("data"), folder: folder)
        #expect(try Program.run(["status", "--server", server.url]).code == 0)
        #expect(server.program.terminate() == 0)
        #expect(try Program.run(["status", "--server", server.url]).code == 1)
    }
}
