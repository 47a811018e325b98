import QueryLanguage
import TestSupport
import Testing

/// The cases of `Corpora/LogsQL/canonical.txt`.
@Suite struct CanonicalTests {
    struct Case: CustomTestStringConvertible {
        var query: String
        /// Nil: the query is wrong.
        var canonical: String?
        var testDescription: String { query }
    }

    static let cases = CaseFile.blocks(of: "LogsQL/canonical.txt").compactMap { lines -> Case? in
        guard let query = lines.first, let result = lines.last, lines.count == 2 else { return nil }
        return Case(query: query, canonical: result == "!" ? nil : String(result.dropFirst(2)))
    }

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
