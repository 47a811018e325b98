import Bytes
import Templates
import TestSupport
import Testing

/// Bytes that steer the splitter's rules, more often than chance would have them.
private func hostileMessage(_ random: inout SplitMix) -> [UInt8] {
    let pieces = [
        "1", "23", "0x", "deadbeef", "-", ".", ":", "::", "=", "\"", "'", " ", "a", "Zq", "é", "µs", "ms", "_", "@",
        "550e8400-e29b-41d4-a716-446655440000", "10.0.0.1", "\u{0}", "\n", "日本", "k=v", "'x'", "\"y\":",
    ]
    var message: [UInt8] = []
    for _ in 0..<Int.random(in: 0...40, using: &random) {
        if Int.random(in: 0..<10, using: &random) == 0 {
            message.append(UInt8.random(in: 0...255, using: &random))
        } else {
            message += Array(pieces.randomElement(using: &random)!.utf8)
        }
    }
    return message
}

@Suite struct MessageSplitterFuzzTests {
    @Test(arguments: 0..<20, [QuotedText.words, .whole])
    func rangesAreSoundAndBothKernelsAgree(seed: Int, quotes: QuotedText) {
        var random = SplitMix(seed: UInt64(seed))
        var parts = MessageParts()
        var wide = [UInt32](repeating: 0, count: 2 * maximumVariables)
        var narrow = wide
        for round in 0..<2_000 {
            let message = hostileMessage(&random)
            MessageSplitter(quotes: quotes).split(message.rawSpan, into: &parts)
            var end: UInt32 = 0
            for variable in parts.variables {
                let isSound = variable.lowerBound >= end && (quotes == .whole || !variable.isEmpty)
                #expect(isSound, "seed \(seed) round \(round) \(message)")
                end = variable.upperBound
            }
            #expect(Int(end) <= message.count, "seed \(seed) round \(round) \(message)")
            let left = splitMessage(message.rawSpan, quotes: quotes, bounds: &wide)
            let right = splitMessage(message.rawSpan, quotes: quotes, bounds: &narrow, portably: true)
            #expect(left == right && wide == narrow, "seed \(seed) round \(round) \(message)")
        }
    }

    /// The result depends on the message's bytes only, not on what lies before or behind them in the arena.
    @Test(arguments: 0..<5)
    func neighboursDoNotMatter(seed: Int) {
        var random = SplitMix(seed: UInt64(seed) + 1_000)
        var inside = MessageParts()
        var alone = MessageParts()
        for round in 0..<500 {
            let message = hostileMessage(&random)
            let before = hostileMessage(&random)
            let arena = before + message + hostileMessage(&random)
            MessageSplitter().split(arena.rawSpan.slice(before.count, message.count), into: &inside)
            MessageSplitter().split(message.rawSpan, into: &alone)
            #expect(inside.skeletonHash == alone.skeletonHash, "seed \(seed) round \(round) \(message)")
            #expect(inside.wordsHash == alone.wordsHash && inside.variables == alone.variables, "seed \(seed)")
        }
    }

    /// Equal static pieces and equal hashes are the same thing, over many random messages.
    @Test(arguments: 0..<5)
    func hashStandsForTheStaticText(seed: Int) {
        var random = SplitMix(seed: UInt64(seed) + 2_000)
        var parts = MessageParts()
        var piecesOf: [UInt64: [[UInt8]]] = [:]
        var hashOf: [[[UInt8]]: UInt64] = [:]
        for round in 0..<3_000 {
            let message = hostileMessage(&random)
            MessageSplitter().split(message.rawSpan, into: &parts)
            var pieces: [[UInt8]] = []
            var cursor = 0
            for variable in parts.variables {
                pieces.append(Array(message[cursor..<Int(variable.lowerBound)]))
                cursor = Int(variable.upperBound)
            }
            pieces.append(Array(message[cursor...]))
            let known = piecesOf.updateValue(pieces, forKey: parts.skeletonHash)
            #expect(known == nil || known == pieces, "collision: seed \(seed) round \(round)")
            let hash = hashOf.updateValue(parts.skeletonHash, forKey: pieces)
            #expect(hash == nil || hash == parts.skeletonHash, "seed \(seed) round \(round) \(message)")
        }
    }

    @Test func variablesNeverCutACharacter() {
        var random = SplitMix(seed: 7)
        var parts = MessageParts()
        let letters = Array("aZ09é日µß-.:=\"' _/")
        for _ in 0..<5_000 {
            let text = String((0..<20).map { _ in letters.randomElement(using: &random)! })
            let message = Array(text.utf8)
            MessageSplitter().split(message.rawSpan, into: &parts)
            for bound in parts.variables.flatMap({ [Int($0.lowerBound), Int($0.upperBound)] })
            where bound < message.count {
                #expect(message[bound] & 0xC0 != 0x80, "\(text)")
            }
        }
    }

    @Test func lastOfTooManyVariablesReachesToTheEnd() {
        let message = Array((0..<200).map { "n\($0)" }.joined(separator: ",").utf8)
        var parts = MessageParts()
        MessageSplitter().split(message.rawSpan, into: &parts)
        #expect(parts.variables.count == maximumVariables)
        #expect(parts.variables.last?.upperBound == UInt32(message.count))
    }

    @Test func wordsHashTellsWordValuesApartButNotNumbers() {
        var parts = MessageParts()
        func words(_ text: String) -> UInt64 {
            MessageSplitter().split(Array(text.utf8).rawSpan, into: &parts)
            return parts.wordsHash
        }
        #expect(words("a=b took 5ms") == words("a=b took 6ms"))
        #expect(words("a=b took 5ms") != words("a=c took 5ms"))
        #expect(words("x=b y=c") != words("x=c y=b"))
        #expect(words("took 5ms") == 0)
    }
}
