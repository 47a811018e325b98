import Bytes
import Records
import Templates
import TestSupport
import Testing

/// Messages drawn from made-up templates with made-up values, and the template of each.
func madeUpStream(seed: UInt64, count: Int) -> (messages: [String], truth: [Int]) {
    let templates = [
        "connection from % port # established", "connection from % port # refused", "user % logged in at #",
        "disk # of node % is full", "GET /api/orders/# answered # in # ms", "worker # started", "worker # stopped",
        "cache entry for % expired after # s", "retry # of job % scheduled by %", "checksum error in block #",
    ]
    var random = SplitMix(seed: seed)
    var messages: [String] = []
    var truth: [Int] = []
    for _ in 0..<count {
        let template = Int.random(in: 0..<templates.count, using: &random)
        var message = ""
        for character in templates[template] {
            switch character {
            case "#": message += "\(UInt16.random(in: 0...9_999, using: &random))"
            case "%": for _ in 0..<6 { message.append("abcdefghij".randomElement(using: &random)!) }
            default: message.append(character)
            }
        }
        messages.append(message)
        truth.append(template)
    }
    return (messages, truth)
}

@Suite struct TemplateMinerLimitTests {
    @Test(arguments: 1...8)
    func findsMadeUpTemplates(seed: UInt64) {
        let (messages, truth) = madeUpStream(seed: seed, count: 3_000)
        #expect(partition(mine(messages).1) == partition(truth), "seed \(seed)")
    }

    /// What is found does not depend on the order in which the shapes came, as long as none was absorbed.
    @Test(arguments: 1...8)
    func orderDoesNotMatter(seed: UInt64) {
        let (messages, _) = madeUpStream(seed: seed, count: 150)
        var random = SplitMix(seed: seed)
        let order = messages.indices.shuffled(using: &random)
        let shuffled = mine(order.map { messages[$0] }).1
        var back = [Int](repeating: 0, count: order.count)
        for (place, index) in order.enumerated() { back[index] = shuffled[place] }
        #expect(partition(mine(messages).1) == partition(back), "seed \(seed)")
    }

    /// A stream without any structure: memory stays bounded, every message stays counted.
    @Test(arguments: 1...4)
    func hostileStreamsStayBounded(seed: UInt64) {
        var random = SplitMix(seed: seed)
        let messages = (0..<6_000).map { _ in
            (0..<Int.random(in: 1...9, using: &random)).map { _ in
                String((0..<5).map { _ in "abcdefghijklmnopqrstuvwxyz(=:".randomElement(using: &random)! })
            }.joined(separator: " ")
        }
        let (miner, numbers) = mine(messages, maximumShapes: 200)
        #expect(miner.shapeCount <= 200, "seed \(seed)")
        #expect(miner.resolve(1) == TemplateMiner.forgottenNumber, "seed \(seed)")
        let templates = miner.templates
        #expect(templates.reduce(0) { $0 + $1.count } == messages.count, "seed \(seed)")
        #expect(Set(templates.map(\.number)).isSuperset(of: numbers), "seed \(seed)")
        for template in templates.prefix(20) { #expect(miner.template(template.number) == template, "seed \(seed)") }
    }

    /// Templates that are still seen survive a flood of others.
    @Test func livingTemplatesAreNotForgotten() {
        var random = SplitMix(seed: 3)
        var messages: [String] = []
        for index in 0..<4_000 {
            messages.append("heartbeat \(index) of the payment service")
            messages.append(String((0..<12).map { _ in "abcdefghijkl ".randomElement(using: &random)! }))
        }
        let (miner, numbers) = mine(messages, maximumShapes: 100)
        #expect(numbers[0] == numbers[7_998] && numbers[0] != 0)
        #expect(miner.template(numbers[0]).text == "heartbeat <*> of the payment service")
        #expect(miner.template(numbers[0]).count == 4_000)
    }
}

@Suite struct TemplateMinerCodingTests {
    private func encoded(_ miner: TemplateMiner) -> [UInt8] {
        var writer = ByteWriter()
        miner.encode(into: &writer)
        return writer.bytes
    }

    @Test(arguments: [(1, 20_000, 60), (2, 20_000, 3_000), (3, 50, 2_000)])
    func stateReadBackGoesOnAlike(seed: UInt64, maximumShapes: Int, count: Int) throws {
        let (messages, _) = madeUpStream(seed: seed, count: 2 * count)
        var (original, _) = mine(Array(messages.prefix(count)), maximumShapes: maximumShapes)
        let bytes = encoded(original)
        var reader = ByteReader(bytes.rawSpan)
        var copy = try TemplateMiner(from: &reader, maximumShapes: maximumShapes)
        #expect(reader.remaining == 0)
        #expect(copy.templates == original.templates)
        #expect(encoded(copy) == bytes)
        for message in messages.suffix(count) {
            let line = Array(message.utf8)
            let time = Timestamp(nanoseconds: 5)
            #expect(original.assign(line.rawSpan, time: time) == copy.assign(line.rawSpan, time: time))
        }
        #expect(encoded(copy) == encoded(original))
    }

    @Test func damagedStateIsRefusedOrHarmless() {
        let (messages, _) = madeUpStream(seed: 9, count: 120)
        let bytes = encoded(mine(messages, maximumShapes: 20).0)
        for length in 0..<bytes.count {
            #expect(throws: CorruptionError.self) {
                var reader = ByteReader(bytes.rawSpan.slice(0, length))
                _ = try TemplateMiner(from: &reader, maximumShapes: 20)
            }
        }
        var random = SplitMix(seed: 11)
        for _ in 0..<2_000 {
            var damaged = bytes
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                damaged[Int.random(in: 0..<damaged.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
            }
            var reader = ByteReader(damaged.rawSpan)
            guard var miner = try? TemplateMiner(from: &reader, maximumShapes: 20) else { continue }
            _ = miner.templates
            _ = miner.assign(Array("worker 5 started".utf8).rawSpan, time: Timestamp(nanoseconds: 1))
        }
    }
}

@Suite struct PatternReportTests {
    @Test func numbersLinesByRankOfTheirTemplate() {
        let input = Array("b is up\na 1\r\na 2\n\na 3".utf8)
        let report = PatternReport(lines: input.rawSpan)
        #expect(report.numbers.count == 5)
        #expect(report.templates.map(\.text)[0] == "a <*>")
        #expect([1, 2, 4].allSatisfy { report.numbers[$0] == 1 })
        #expect(Set(report.numbers) == [1, 2, 3])
        #expect(report.templates.map(\.number) == [1, 2, 3])
        #expect(report.share(of: report.templates[0]) == 0.6)
    }

    @Test func noLinesNoTemplates() {
        #expect(PatternReport(lines: [UInt8]().rawSpan).numbers.isEmpty)
        #expect(PatternReport(lines: [UInt8]().rawSpan).templates.isEmpty)
        #expect(PatternReport(lines: Array("\n".utf8).rawSpan).numbers == [1])
    }
}
