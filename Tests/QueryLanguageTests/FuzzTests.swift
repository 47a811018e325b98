import QueryLanguage
import Testing

@Suite struct FuzzTests {
    @Test(arguments: 0..<40) func treesPrintBack(_ batch: Int) throws {
        for round in 0..<100 {
            let seed = UInt64(batch * 1_000 + round)
            var generator = QueryGenerator(seed: seed)
            let query = generator.query()
            let text = query.description
            do {
                let parsed = try QueryParser.parse(text)
                #expect(parsed == query.simplified(), "seed \(seed): \(text)\nagain: \(parsed)")
            } catch {
                Issue.record("seed \(seed): \(error.marked(in: text))\n\(text)")
            }
        }
    }

    /// Queries with bytes changed, dropped and doubled, and plain noise: an error or a tree that prints back, never a
    /// crash.
    @Test(arguments: 0..<40) func damagedQueriesFailOrPrintBack(_ batch: Int) throws {
        let alphabet = Array("()[]{}|,:*!-=~<>\"'`#\\ ./_abinor019\n\u{0}".utf8)
        for round in 0..<150 {
            let seed = UInt64(1_000_000 + batch * 1_000 + round)
            var generator = QueryGenerator(seed: seed)
            var bytes = round % 5 == 0 ? [] : Array(generator.query().description.utf8.prefix(400))
            for _ in 0...generator.random.below(round % 5 == 0 ? 60 : 5) {
                let place = generator.random.below(bytes.count + 1)
                let byte =
                    generator.random.chance(80) ? generator.random.pick(alphabet) : UInt8(generator.random.below(256))
                switch generator.random.below(3) {
                case 0: bytes.insert(byte, at: place)
                case 1 where place < bytes.count: bytes[place] = byte
                case 2 where place < bytes.count: bytes.remove(at: place)
                default: bytes.append(byte)
                }
            }
            let text = String(decoding: bytes, as: UTF8.self)
            do {
                let query = try QueryParser.parse(text)
                let again = try QueryParser.parse(query.description)
                #expect(again == query, "seed \(seed): \(text)\nprinted: \(query)\nagain: \(again)")
            } catch {
                #expect(error.offset >= 0 && error.offset <= text.utf8.count, "seed \(seed): \(text)")
                #expect(!error.marked(in: text).isEmpty)
            }
        }
    }
}
