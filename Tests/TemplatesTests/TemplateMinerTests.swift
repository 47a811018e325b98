import Bytes
import Records
import Templates
import Testing

/// Mines the messages at one second each; returns the miner and the final template number of each message.
func mine(_ messages: [String], maximumShapes: Int = TemplateMiner.defaultMaximumShapes) -> (TemplateMiner, [Int]) {
    var miner = TemplateMiner(maximumShapes: maximumShapes)
    var shapes: [Int] = []
    for (second, message) in messages.enumerated() {
        let time = Timestamp(nanoseconds: Int64(second) * Timestamp.nanosecondsPerSecond)
        shapes.append(miner.shape(of: Array(message.utf8).rawSpan, time: time))
    }
    miner.consolidate()
    return (miner, shapes.map { miner.resolve($0) })
}

/// The messages' groups as indices, however they are numbered.
func partition(_ numbers: [Int]) -> Set<Set<Int>> {
    var groups: [Int: Set<Int>] = [:]
    for (index, number) in numbers.enumerated() { groups[number, default: []].insert(index) }
    return Set(groups.values)
}

private let people = [
    "alice", "bob", "carol", "dave", "erin", "frank", "grace", "heidi", "ivan", "judy", "mallory", "oscar", "peggy",
]

@Suite struct TemplateMinerTests {
    @Test func numbersUnitsAndIdentifiersAreVariables() {
        let (miner, numbers) = mine([
            "order 17 took 5 ms on node-3", "order 99 took 7.25 ms on node-12",
            "order 3 took 2 s on node-1", "read /var/log/a.log", "read /etc/passwd",
        ])
        #expect(numbers == [1, 1, 1, numbers[3], numbers[3]])
        #expect(miner.template(1).text == "order <*> took <*> on <*>")
        #expect(miner.template(numbers[3]).text == "read <*>")
    }

    @Test func fewWordsAreTemplatesManyAreAVariable() {
        let opened = people.map { "session opened for \($0)" }
        let closed = people.map { "session closed for \($0)" }
        let (miner, numbers) = mine(opened + closed)
        #expect(Set(numbers) == [1, numbers.last!])
        #expect(miner.template(1).text == "session opened for <*>")
        #expect(miner.template(numbers.last!).text == "session closed for <*>")
        #expect(miner.template(1).count == people.count)
    }

    @Test func valuesBehindANounOrBesideANumberMergeSooner() {
        let (_, users) = mine(["login of user alice refused", "login of user bob refused"])
        #expect(Set(users).count == 1)
        let (_, hosts) = mine(["connect to 10.0.0.1 failed", "connect to db failed", "connect to my.host failed"])
        #expect(Set(hosts).count == 1)
        let (_, flags) = mine(["restart forced=true now", "restart forced=false now"])
        #expect(Set(flags).count == 2)
    }

    @Test func listsAndAbsentValuesDoNotMatter() {
        let (miner, numbers) = mine([
            "deleting blk_1 from disk", "deleting blk_1 blk_2 blk_3 from disk", "deleting blk_1, blk_2 from disk",
            "auth failure uid=0 ruser= rhost=10.0.0.1", "auth failure uid=0 ruser=7 rhost=", "sent 17 bytes () to x9",
            "sent 403 bytes (1.2 KB) to x9",
        ])
        #expect(partition(numbers) == [[0, 1, 2], [3, 4], [5, 6]])
        #expect(miner.template(1).text == "deleting <*> from disk")
    }

    /// Variables of several words end up in the template of those of one.
    @Test func lengthsOfAVariableMerge() {
        let one = people.map { "opening file \($0) for reading" }
        let two = people.map { "opening file \($0) \($0.uppercased()) for reading" }
        #expect(Set(mine(one + two).1).count == 1)
    }

    /// Messages of many kinds that share length and first word, as in a stream of all services.
    @Test func unlikeMessagesOfOneLengthStayApart() {
        let verbs = ["open", "close", "parse", "bind", "flush", "rotate", "verify", "mount"]
        let nouns = ["socket", "ledger", "header", "port", "buffer", "key", "signature", "volume"]
        let messages = zip(verbs, nouns).flatMap { verb, noun in
            (0..<20).map { "Failed to \(verb) \(noun) \($0)" }
        }
        #expect(Set(mine(messages).1).count == verbs.count)
    }

    /// A number in one place and a word in another do not make two messages one.
    @Test func variablesThatMeetWordsNeedStaticText() {
        let (_, numbers) = mine(["received 5 from peer", "received ack from 10.0.0.1", "received 6 from peer"])
        #expect(partition(numbers) == [[0, 2], [1]])
    }

    @Test func manyFirstWordsAreAVariableFewAreNot() {
        let programs = (0..<40).map { "p" + String(repeating: "q", count: $0) }
        let (miner, numbers) = mine(programs.map { "\($0) startup has succeeded" })
        #expect(Set(numbers) == [1])
        #expect(miner.template(1).text == "<*> startup has succeeded")
        #expect(miner.shapeCount < 20)
        #expect(Set(mine(programs.prefix(8).map { "\($0) startup has succeeded" }).1).count == 8)
    }

    @Test func manyShapesOfATemplateAreAbsorbed() {
        let names = (0..<5_000).map {
            "name" + String($0, radix: 26).map { String(UnicodeScalar($0.asciiValue! % 16 + 97)) }.joined()
        }
        let (miner, numbers) = mine(names.map { "customer \($0) has signed in" } + ["cache is cold"])
        #expect(partition(numbers) == [Set(0..<5_000), [5_000]])
        #expect(miner.shapeCount <= 64 && miner.nextNumber <= 200)
        #expect(miner.template(numbers[0]).count == 5_000)
    }

    @Test func onlineNumbersSettleQuickly() {
        var miner = TemplateMiner()
        var last = Set<Int>()
        for index in 0..<2_000 {
            let message = "customer \(people[index % people.count]) has paid order \(index)"
            let number = miner.assign(Array(message.utf8).rawSpan, time: Timestamp(nanoseconds: 0))
            if index >= 1_000 { last.insert(number) }
        }
        #expect(last == [1])
    }

    @Test func templatesCarryCountsTimesAndSample() {
        let (miner, _) = mine(["a is 1", "b starts", "a is 2", "a is 3"])
        let first = miner.templates[0]
        #expect(first.text == "a is <*>" && first.count == 3 && first.sample == "a is 1")
        #expect(first.firstSeen.nanoseconds == 0 && first.lastSeen.nanoseconds == 3_000_000_000)
        #expect(miner.templates.map(\.count) == [3, 1])
    }

    @Test(arguments: [
        "", " ", "=", "a=", "()", "[[[[", "\u{0}\u{0}", "1", "<*>", "\"", "a=\"", "a=(((", "....", ". .", "a=b:c(d",
        String(repeating: "x ", count: 50_000), String(repeating: "(", count: 3_000),
        String(repeating: "k=1,", count: 900),
        String(repeating: "日", count: 1_000),
    ])
    func oddMessagesHaveATemplate(_ message: String) {
        let (miner, numbers) = mine([message, message])
        #expect(numbers == [1, 1])
        #expect(miner.template(1).count == 2)
        #expect(miner.template(1).sample.count <= TemplateMiner.sampleBytes)
    }
}
