import Bytes
import QueryLanguage
import Records
import Search
import Segments
import TestSupport
import Testing

/// Searches in texts that a sealed block holds as templates, against the same search over the texts as they came.
/// Needles are cut out of the texts at any place, so that they begin and end within words, common parts and
/// variables.
@Suite struct TemplateSearchTests {
    @Test(arguments: [1, 2, 3] as [UInt64])
    func templatesAndTextsAgree(_ seed: UInt64) throws {
        var random = SplitMix(seed: seed)
        let names = ["ann", "Bob", "zoë", "x-1", "error"]
        let rows: [(time: Int64, fields: Fields)] = (0..<1_200).map { index in
            let number = Int.random(in: 0..<5_000, using: &random)
            let name = names.randomElement(using: &random)!
            let message =
                switch Int.random(in: 0..<7, using: &random) {
                case 0: "user=\(name) logged in after \(number)ms"
                case 1: "GET /api/v1/\(name)/\(number) completed with status \(200 + number % 5)"
                case 2: "timed out after \(number) s, attempt \(number % 3) of 3"
                case 3: "trace \(String(random.next(), radix: 16)) sent to \(number % 9).\(number % 7).1.2:80"
                case 4: "\"\(name)\" said \"\(name)\(number)\""
                case 5: "Größe \(number)µs übertragen an \(name)"
                default: "plain text \(name) \(name) \(number)\(name)"
                }
            return (testNow + Int64(index), [("_msg", message), ("n", "\(index)")])
        }
        let plain = MemorySnapshot([RecordBatch(rows: rows)])
        let block = try DifferentialTests.encode(rows[...])
        #expect(try block.templatedTexts("_msg") != nil, "the block does not hold templates: nothing is tested")
        let sealed = MemorySnapshot(blocks: [block])
        for round in 0..<120 {
            let needle = Self.needle(rows.randomElement(using: &random)!.fields[0].1, &random)
            let quoted = QuotedForTest.quote(needle)
            let filter = [
                quoted, "\(quoted)*", "*\(quoted)*", "i(\(quoted))", "i(\(quoted)*)", "=\(quoted)*", "=\(quoted)",
                "contains_all(\(quoted), after)", "contains_any(\(quoted), \"timed out\")", "seq(\(quoted), after)",
                "~\(QuotedForTest.quote(QuotedForTest.escaped(needle)))", "n:>600 and \(quoted)",
            ].randomElement(using: &random)!
            let wanted = try answer("\(filter) | fields n, _msg", over: plain).rows
            let found = try answer("\(filter) | fields n, _msg", over: sealed).rows
            #expect(lines(found) == lines(wanted), "seed \(seed), round \(round): \(filter)")
        }
    }

    private static func needle(_ text: String, _ random: inout SplitMix) -> String {
        let characters = Array(text)
        let start = Int.random(in: 0..<characters.count, using: &random)
        let length = Int.random(in: 1...min(12, characters.count - start), using: &random)
        return String(characters[start..<start + length])
    }
}

enum QuotedForTest {
    static func quote(_ text: String) -> String {
        "\"" + text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
    }

    /// Every ASCII character that is no letter or digit behind a backslash, for RE2.
    static func escaped(_ text: String) -> String {
        text.map { $0.isASCII && !$0.isLetter && !$0.isNumber ? "\\\($0)" : "\($0)" }.joined()
    }
}
