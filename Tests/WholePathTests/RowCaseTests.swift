import Foundation
import TestSupport
import Testing

/// The cases of `Corpora/LogsQL/rows.txt`, each through `plumb query --from -` as a shell would ask it.
@Suite struct RowCaseTests {
    struct Case: CustomTestStringConvertible {
        var query = ""
        var rows: [String] = []
        var expected: [String] = []
        var testDescription: String { query }
    }

    static let cases = CaseFile.blocks(of: "LogsQL/rows.txt").compactMap { lines -> Case? in
        var one = Case()
        for line in lines where line != ">" {
            if line.hasPrefix("< ") {
                one.rows.append(String(line.dropFirst(2)))
            } else if line.hasPrefix("> ") {
                one.expected.append(String(line.dropFirst(2)))
            } else {
                one.query += (one.query.isEmpty ? "" : "\n") + line
            }
        }
        return one.query.isEmpty ? nil : one
    }

    @Test func thereAreCases() { #expect(Self.cases.count > 200) }

    @Test(arguments: cases) func rows(_ one: Case) throws {
        let input = Data(one.rows.map { $0 + "\n" }.joined().utf8)
        let answer = try Program.run(["query", "--from", "-", "--", one.query], input: input)
        #expect(answer.code == 0, "\(answer.errors)")
        func objects(_ lines: [String]) throws -> [[String: String]] {
            try lines.map { try JSONDecoder().decode([String: String].self, from: Data($0.utf8)) }
        }
        let got = try objects(answer.output.split(separator: "\n").map(String.init))
        #expect(got == (try objects(one.expected)), "\(answer.output)")
    }
}
