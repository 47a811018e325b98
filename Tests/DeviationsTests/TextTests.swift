import Bytes
import Deviations
import TestSupport
import Testing

@Suite struct TextTests {
    @Test("Numbers read as the standard library reads them", arguments: [1, 2] as [UInt64])
    func numbers(seed: UInt64) {
        var noise = Noise(seed: seed)
        for _ in 0..<3_000 {
            let value = (noise.uniform() - 0.5) * Double(UInt64(1) << (noise.next() % 60))
            let text = noise.next() % 3 == 0 ? "\(Float(value))" : "\(value)"
            let parsed = NumberText.double(Array(text.utf8).rawSpan)
            let exact = Double(text)!
            #expect(abs((parsed ?? .nan) - exact) <= 1e-15 * abs(exact), "\(text), seed \(seed)")
        }
    }

    @Test(
        "What is no number is none",
        arguments: ["", "-", ".", "e5", "1e", "1e+", "12x", "0x10", "1.2.3", "nan", "inf", "1 2", "--1"])
    func noNumbers(text: String) {
        #expect(NumberText.double(Array(text.utf8).rawSpan) == nil)
    }

    @Test func times() {
        let expected: Int64 = 1_392_388_200_000_000_000
        for text in [
            "2014-02-14 14:30:00", "2014-02-14T14:30:00Z", "2014-02-14T15:30:00+01:00", "2014-02-14 14:30",
            "1392388200",
            "1392388200000", "1392388200000000", "1392388200000000000", "2014/02/14 14:30:00.000",
            "2014-02-14T12:30:00-0200",
        ] {
            #expect(TimeText.nanoseconds(ByteString(text)) == expected, "\(text)")
        }
        #expect(TimeText.nanoseconds("2014-02-14 14:30:00.25") == expected + 250_000_000)
        #expect(TimeText.nanoseconds("2014-02-14") == 1_392_336_000_000_000_000)
        for text in [
            "", "yesterday", "2014-13-01", "2014-02-30", "2014-02-14 25:00:00", "2014-02-14 14:30:00 x", "9e99",
        ] {
            #expect(TimeText.nanoseconds(ByteString(text)) == nil, "\(text)")
        }
    }

    @Test func judgesOddRowsWithoutLosingThem() throws {
        let input =
            "timestamp,value\r\n2026-03-02 00:00:00,1\r\n\"2026-03-02, five past\",2\nnot a time,3\n"
            + "2026-03-02 00:10:00,\n1772410500,x\n"
        let output = String(decoding: try DetectCommand().run(Array(input.utf8)), as: UTF8.self)
        let lines = output.split(separator: "\n")
        #expect(lines.count == 6)
        #expect(lines[0] == "timestamp,value,expected_low,expected_high,score,deviation")
        #expect(lines[1].hasPrefix("2026-03-02 00:00:00,1,"))
        #expect(lines[2] == "\"2026-03-02, five past\",2,,,0,0")
        #expect(lines[4] == "2026-03-02 00:10:00,,,,0,0")
    }

    @Test func namesWhatIsMissing() {
        #expect(throws: DetectCommand.InputError.self) { try DetectCommand().run([]) }
        #expect(throws: DetectCommand.InputError.self) {
            try DetectCommand(valueColumn: "cpu").run(Array("timestamp,value\n1,2\n".utf8))
        }
    }

    @Test("A row's judgement depends on earlier rows alone", arguments: [3, 4] as [UInt64])
    func causality(seed: UInt64) throws {
        var noise = Noise(seed: seed)
        var text = "time,value,name\n"
        for step in 0..<3_000 {
            for series in 0..<2 {
                text +=
                    "\(1_772_409_600 + step * 300),\(10 + noise.normal() + Double(step / 1_000 * series)),s\(series)\n"
            }
        }
        let command = DetectCommand(seriesColumn: "name")
        let whole = try command.run(Array(text.utf8)).split(separator: 10)
        let head = text.split(separator: "\n").prefix(4_001).joined(separator: "\n")
        let part = try command.run(Array(head.utf8)).split(separator: 10)
        #expect(part.count == 4_001)
        #expect(whole.prefix(4_001).elementsEqual(part))
    }
}
