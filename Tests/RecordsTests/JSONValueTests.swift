import Records
import Testing

@Suite struct JSONValueTests {
    @Test(arguments: [
        #"{"b":1,"a":[true,false,null,-0.50e+7,""],"é\"\\":{"n\u0001":"line\nfeed\t"}}"#, "[]", "{}", "0", #""x""#,
        #"{"a":1,"a":2}"#,
    ])
    func printsBackAsItCame(text: String) throws {
        #expect(try JSONValue(parsing: Array(text.utf8)).description == text)
    }

    @Test func understandsEscapes() throws {
        let text = #" [ "\u0041\/\b\f" , "\ud83d\ude00", "\ud83d", "\udE00x", "\ud83d\u0041" ] "#
        let value = try JSONValue(parsing: Array(text.utf8))
        #expect(value.elements?.map(\.text) == ["A/\u{8}\u{C}", "😀", "\u{FFFD}", "\u{FFFD}x", "\u{FFFD}A"])
    }

    @Test(arguments: [
        ("", 1, 1), ("{", 1, 2), ("[1,]", 1, 4), ("{\"a\" 1}", 1, 6), ("{\"a\":1,}", 1, 8), ("01", 1, 2), ("-", 1, 2),
        ("1.", 1, 3), ("\"abc", 1, 5), ("\"\u{1}\"", 1, 3), ("[1\n,\n x]", 3, 2), ("nul", 1, 1), ("\"\\x\"", 1, 4),
        ("\"\\u12g4\"", 1, 4), ("[] []", 1, 4), ("\"\\u+123\"", 1, 4),
    ])
    func saysWhereItIsWrong(text: String, line: Int, column: Int) {
        let error = #expect(throws: JSONError.self) { try JSONValue(parsing: Array(text.utf8)) }
        #expect(error.map { [$0.line, $0.column] } == [line, column], "\(String(describing: error))")
    }

    @Test func deepNestingIsRefusedNotCrashed() {
        let text = [UInt8](repeating: UInt8(ascii: "["), count: 1_000_000)
        #expect(throws: JSONError.self) { try JSONValue(parsing: text) }
    }

    @Test func numbersKeepTheirSpelling() {
        #expect(JSONValue.number(5.0).description == "5")
        #expect(JSONValue.number(0.1).description == "0.1")
        #expect(JSONValue.number(Double.nan) == .null)
        #expect(JSONValue.number(Int64.min).integer == Int64.min)
        #expect(JSONValue.number(1.5).integer == nil)
    }
}
