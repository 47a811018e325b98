import Bytes
import Formats
import Records
import TestSupport
import Testing

@Suite struct JSONTextTests {
    @Test(arguments: [
        ("", "\"\""), ("plain", "\"plain\""),
        ("a\"b\\c\n\r\t\u{8}\u{C}\u{1}\u{1F}", #""a\"b\\c\n\r\t\b\f\u0001\u001f""#),
        ("long enough for words, é€😀 \u{7F}", "\"long enough for words, é€😀 \u{7F}\""),
    ])
    func escapes(text: String, json: String) {
        var output: [UInt8] = []
        appendJSONString(Array(text.utf8).rawSpan, to: &output)
        #expect(String(decoding: output, as: UTF8.self) == json)
    }

    @Test(arguments: [UInt64(1), 2, 3])
    func writtenRowsComeBack(seed: UInt64) {
        var generator = SplitMix(seed: seed)
        let fields = (0..<300).map { row in
            (0..<5).map { ("f\($0)\"", row == 0 ? "x" : JSONRoundTripTests.characters(&generator)) }
        }
        let batch = RecordBatch(rows: fields.enumerated().map { (Int64($0) * 1_234_567_891, $1) })
        var output: [UInt8] = []
        FieldWriter.append(batch, to: &output)
        #expect(parse(output).rows == rows([batch]), "seed \(seed)")
    }
}
