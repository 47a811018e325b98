import Bytes
import Formats
import Records
import TestSupport
import Testing

/// Damaged lines must be judged as a plain recursive parser judges them, and must not touch their neighbours.
@Suite struct JSONHostileTests {
    static let seeds: [String] = [
        #"{"a":1,"b":{"c":"x","d":[1,2,{"e":null}]},"f":true}"#, #"{"msg":"q\"\\\n","n":-1.5e+10,"o":{},"p":[]}"#,
        #"{ "k" : [ "a" , { "b" : [ ] } , false ] , "z" : "" }"#, #"{"a":["\\","\"",{"\t\u0041":"\/"}],"b":"\\"}"#,
        #"{"_msg":"plain","level":"info","status":200}"#,
    ]

    @Test(arguments: [UInt64(1), 2, 3, 4, 5, 6])
    func judgesDamagedLines(seed: UInt64) {
        var generator = SplitMix(seed: seed)
        let pool = Array(#"{}[]:,"\ 0123456789.-+eEtrufalsn_x/"#.utf8)
        var text: [UInt8] = []
        var judged: [(line: [UInt8], isRecord: Bool)] = []
        for number in 0..<1500 {
            var line = Array(Self.seeds.randomElement(using: &generator)!.utf8)
            for _ in 0..<Int.random(in: 0...3, using: &generator) where !line.isEmpty {
                let place = Int.random(in: 0..<line.count, using: &generator)
                switch Int.random(in: 0..<4, using: &generator) {
                case 0: line[place] = pool.randomElement(using: &generator)!
                case 1: line.remove(at: place)
                case 2: line.insert(pool.randomElement(using: &generator)!, at: place)
                default: line = Array(line[..<place])
                }
            }
            guard line.contains(where: { $0 > 0x20 }) else { continue }
            var isRecord = false
            if let tree = try? JSONValue(parsing: line), case .object = tree { isRecord = true }
            judged.append((line, isRecord))
            text += line + Array("\n{\"good\":\(number)}\n".utf8)
        }
        let parsed = parse(text, pieces: [seed % 2 == 0 ? 1 << 20 : 777])
        #expect(parsed.rows.filter { $0["good"] != nil }.count == judged.count, "seed \(seed)")
        for (line, isRecord) in judged {
            let alone = parse(line)
            let reason = alone.rejections.first?.reason ?? "accepted"
            #expect(
                alone.counts.accepted == (isRecord ? 1 : 0),
                "seed \(seed): \(String(decoding: line, as: UTF8.self)): \(reason)")
        }
    }

    @Test(arguments: [UInt64(1), 2, 3])
    func survivesAnyBytes(seed: UInt64) {
        var generator = SplitMix(seed: seed)
        var text: [UInt8] = []
        for _ in 0..<20_000 {
            let choice = Int.random(in: 0..<6, using: &generator)
            text.append(
                choice == 0
                    ? UInt8.random(in: 0...255, using: &generator)
                    : Array("{\"a\":[\\]}\n".utf8).randomElement(using: &generator)!)
        }
        let whole = parse(text)
        let cut = parse(text, pieces: [1, 63, 64, 65, 1000])
        #expect(whole.rows == cut.rows, "seed \(seed)")
        #expect(whole.counts == cut.counts, "seed \(seed)")
    }

    @Test(arguments: ["\n", "{\"a\":}\n", "x\n", "{\"a\":\"\\q\"}\n"])
    func linesWithoutRowsHoldNoMemory(line: String) {
        var parser = JSONLinesParser()
        let block = [[UInt8]](repeating: Array(line.utf8), count: 100_000 / line.utf8.count).flatMap { $0 }
        for _ in 0..<20 { parser.feed(block.rawSpan, arrival: 1) }
        #expect(parser.waitingBytes == 0)
        #expect(parser.takeBatch() == nil)
    }

    @Test(arguments: [
        (#"{"a":"x","_time":"soon"}"#, "the time cannot be read in field _time, at byte 19"),
        (#"{"a":"x","_time":[1,2]}"#, "the time cannot be read in field _time, at byte 18"),
        (#"{"_time":"so\"on"}"#, "the time cannot be read in field _time"),
    ])
    func namesTheTimeThatCannotBeRead(line: String, reason: String) {
        var parser = JSONLinesParser()
        parser.feed(Array("{\"a\":1}\n\(line)\n".utf8).rawSpan, arrival: 1)
        #expect(parser.takeRejections().map(\.reason) == [reason])
    }
}
