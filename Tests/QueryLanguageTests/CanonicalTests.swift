import Foundation
import QueryLanguage
import Testing

/// The cases of `Corpora/LogsQL/canonical.txt`.
@Suite struct CanonicalTests {
    struct Case: CustomTestStringConvertible {
        var query: String
        /// Nil: the query is wrong.
        var canonical: String?
        var testDescription: String { query }
    }

    static let cases: [Case] = {
        let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("Corpora/LogsQL/canonical.txt")
        let text = (try? String(contentsOf: path, encoding: .utf8)) ?? ""
        return text.split(separator: "\n\n").compactMap { block in
            let lines = block.split(separator: "\n").filter { !$0.hasPrefix("// ") }
            guard let query = lines.first, let result = lines.last, lines.count == 2 else { return nil }
            return Case(query: String(query), canonical: result == "!" ? nil : String(result.dropFirst(2)))
        }
    }()

    @Test func thereAreCases() { #expect(Self.cases.count > 300) }

    @Test(arguments: cases) func canonical(_ one: Case) throws {
        guard let canonical = one.canonical else {
            #expect(throws: QueryError.self) { try QueryParser.parse(one.query) }
            return
        }
        let parsed = try QueryParser.parse(one.query)
        #expect(parsed.description == canonical)
        #expect(try QueryParser.parse(canonical) == parsed)
    }
}
