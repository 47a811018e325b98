import Foundation
import FoundationNetworking
import Synchronization

/// The real program, started as a user would start it.
final class Program: Sendable {
    private let process: Process
    private let log: String

    /// Beside the test bundle.
    static let path: String = {
        let bundle = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
        return bundle.appendingPathComponent("plumb").path
    }()

    /// Starts `plumb` with arguments; its standard error goes to a file.
    init(_ arguments: [String], log: String) throws {
        self.log = log
        _ = FileManager.default.createFile(atPath: log, contents: nil)
        process = Process()
        process.executableURL = URL(fileURLWithPath: Self.path)
        process.arguments = arguments
        process.standardOutput = FileHandle.nullDevice
        process.standardError = try FileHandle(forWritingTo: URL(fileURLWithPath: log))
        process.standardInput = FileHandle.nullDevice
        try process.run()
    }

    /// Waits until the program has said something that matches, and returns the match's first group.
    func said(_ pattern: String) throws -> String {
        let expression = try Regex(pattern)
        for _ in 0..<6_000 {
            let text = (try? String(contentsOfFile: log, encoding: .utf8)) ?? ""
            if let match = try expression.firstMatch(in: text), let group = match.output[1].substring {
                return String(group)
            }
            guard process.isRunning else { break }
            usleep(20_000)
        }
        throw ProgramError("plumb did not say \(pattern): \((try? String(contentsOfFile: log, encoding: .utf8)) ?? "")")
    }

    var isRunning: Bool { process.isRunning }

    /// SIGKILL: no chance to tidy up.
    func kill() {
        Foundation.kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
    }

    /// SIGTERM, and the exit code.
    func terminate() -> Int32 {
        process.terminate()
        process.waitUntilExit()
        return process.terminationStatus
    }

    func waitUntilExit() -> Int32 {
        process.waitUntilExit()
        return process.terminationStatus
    }

    /// The answer's body to a POST of a tenant.
    static func post(_ url: String, _ body: String, account: String = "0") async throws -> String {
        guard let address = URL(string: url) else { throw ProgramError("no URL: \(url)") }
        var request = URLRequest(url: address)
        request.httpMethod = "POST"
        request.setValue(account, forHTTPHeaderField: "AccountID")
        request.httpBody = Data(body.utf8)
        return String(decoding: try await URLSession.shared.data(for: request).0, as: UTF8.self)
    }

    /// Runs `plumb` to its end; its output and exit code.
    static func run(_ arguments: [String], input: Data? = nil) throws -> (output: String, errors: String, code: Int32) {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: path)
        process.arguments = arguments
        let files = try (0..<3).map { _ in
            let path = FileManager.default.temporaryDirectory.appendingPathComponent("plumb-\(UUID().uuidString)")
            try (input ?? Data()).write(to: path)
            return path
        }
        defer { for file in files { try? FileManager.default.removeItem(at: file) } }
        process.standardInput = try FileHandle(forReadingFrom: files[0])
        for file in files[1...] { try Data().write(to: file) }
        process.standardOutput = try FileHandle(forWritingTo: files[1])
        process.standardError = try FileHandle(forWritingTo: files[2])
        try process.run()
        process.waitUntilExit()
        return (
            try String(contentsOf: files[1], encoding: .utf8), try String(contentsOf: files[2], encoding: .utf8),
            process.terminationStatus
        )
    }
}

struct ProgramError: Error, CustomStringConvertible {
    var description: String
    init(_ description: String) { self.description = description }
}

/// A folder that goes away at the end.
final class Folder: Sendable {
    let path: String

    init() throws {
        path = FileManager.default.temporaryDirectory.appendingPathComponent("plumb-test-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func callAsFunction(_ name: String) -> String { path + "/" + name }
}

/// A server on ports of the system's choice.
struct RunningServer {
    let program: Program
    let url: String
    let tcp: String

    init(data: String, folder: Folder, number: Int = 0, extra: [String] = []) throws {
        program = try Program(
            ["serve", "--data", data, "--http", "127.0.0.1:0", "--tcp", "127.0.0.1:0"] + extra,
            log: folder("server-\(number).log"))
        url = try program.said("(http://[0-9.]+:[0-9]+)")
        tcp = try program.said("tcp://([0-9.]+:[0-9]+)")
    }

    func query(_ text: String) throws -> [[String: String]] {
        let answer = try Program.run(["query", text, "--server", url])
        guard answer.code == 0 else { throw ProgramError(answer.errors) }
        return try answer.output.split(separator: "\n").map { line in
            try JSONDecoder().decode([String: String].self, from: Data(line.utf8))
        }
    }
}
