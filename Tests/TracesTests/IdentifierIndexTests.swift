import Bytes
import Records
import Testing
import Traces

/// SplitMix64.
private func mixed(_ number: UInt64) -> UInt64 {
    var value = number &* 0x9E37_79B9_7F4A_7C15
    value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
    value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
    return value ^ (value >> 31)
}

@Suite struct IdentifierIndexTests {
    @Test(arguments: [1, 2, 3, 5, 10, 100, 1_000, 65_537])
    func everyKeyFindsItsNumber(count: Int) {
        let keys = (1...UInt64(count)).map(mixed)
        let values = (0..<count).map { UInt32($0 % 32) }
        var writer = ByteWriter()
        BinaryFuseMap.write(keys, values: values, fingerprintBits: 8, valueBits: 5, to: &writer)
        for (key, value) in zip(keys, values) {
            let found = BinaryFuseMap.find(key, in: writer.bytes.rawSpan)
            #expect(found == value)
        }
        let strangers = (1_000_000..<1_020_000 as Range<UInt64>).map(mixed)
        let found = strangers.filter { BinaryFuseMap.find($0, in: writer.bytes.rawSpan) != nil }.count
        #expect(found < 160, "one in 256 was expected of 20,000, not \(found)")
        if count > 50_000 { #expect(writer.count < count * 13 * 6 / 5 / 8) }
    }

    /// Just above these counts the cells are laid out anew, and hardly any seed works without more room.
    @Test(arguments: [3_962, 11_486, 11_500, 11_514, 12_360, 39_186])
    func tightCountsAreBuiltToo(count: Int) {
        for set in 0..<12 as Range<UInt64> {
            let keys = (0..<UInt64(count)).map { mixed(set << 32 | $0) }
            var writer = ByteWriter()
            BinaryFuseMap.write(
                keys, values: .init(repeating: 1, count: count), fingerprintBits: 8, valueBits: 1, to: &writer)
            let map = writer.bytes
            #expect(keys.allSatisfy { BinaryFuseMap.find($0, in: map.rawSpan) == 1 })
            #expect(writer.count * 8 < count * 9 * 3 / 2)
        }
    }

    @Test func aDamagedMapAnswersWithoutCrashing() {
        var writer = ByteWriter()
        BinaryFuseMap.write(
            (1...500).map(mixed), values: .init(repeating: 3, count: 500), fingerprintBits: 8, valueBits: 4, to: &writer
        )
        for byte in writer.bytes.indices {
            var damaged = writer.bytes
            damaged[byte] ^= 0x5A
            _ = BinaryFuseMap.find(mixed(7), in: damaged.rawSpan)
            let cut = Array(damaged[..<byte])
            _ = BinaryFuseMap.find(mixed(7), in: cut.rawSpan)
        }
    }

    /// Against a dictionary of sets: every block that has the key is answered, few others are.
    @Test(arguments: [1, 2, 5, 19, 31, 33, 70, 200], [false, true])
    func theIndexAnswersEveryBlockOfAKey(blockCount: Int, isShort: Bool) throws {
        var builder = IdentifierIndex.Builder()
        var truth: [UInt64: Set<Int>] = [:]
        for block in 0..<blockCount {
            // A third of the keys is shared with the block before, one key is everywhere.
            let keys = (0..<900).map { mixed(UInt64(block * 600 + $0)) } + [mixed(.max)]
            builder.addBlock(short: isShort ? keys : [], others: isShort ? [] : keys)
            for key in keys { truth[key, default: []].insert(block) }
        }
        var writer = ByteWriter()
        builder.write(to: &writer)
        let index = try IdentifierIndex.Reader(writer.bytes.rawSpan)
        for (key, blocks) in truth {
            let key = IdentifierKey(hash: key, isShort: isShort)
            let found = index.blocks(key, in: writer.bytes.rawSpan)
            let may = index.mayContain(key, in: writer.bytes.rawSpan)
            #expect(may && blocks.isSubset(of: found))
        }
        let strangers = (0..<10_000 as Range<UInt64>).map { IdentifierKey(hash: mixed($0 + 1 << 40), isShort: isShort) }
            .filter { index.mayContain($0, in: writer.bytes.rawSpan) }
        let places = strangers.flatMap { index.blocks($0, in: writer.bytes.rawSpan) }
        #expect(places.allSatisfy { (0..<blockCount).contains($0) }, "\(places.max() ?? 0)")
        let expected = isShort ? 16 : 256
        #expect(strangers.count < 16_000 / expected, "one in \(expected) was expected, not \(strangers.count)")
    }

    /// A short identifier may stand in a column of all sorts as well.
    @Test func shortKeysAreFoundAmongAll() throws {
        var builder = IdentifierIndex.Builder()
        builder.addBlock(short: (0..<500).map(mixed), others: (600..<900).map(mixed))
        builder.addBlock(short: (400..<700).map(mixed), others: (0..<100).map(mixed))
        var writer = ByteWriter()
        builder.write(to: &writer)
        let bytes = writer.bytes.rawSpan
        let index = try IdentifierIndex.Reader(bytes)
        for number in 0..<900 as Range<UInt64> {
            let found = Set(index.blocks(IdentifierKey(hash: mixed(number), isShort: true), in: bytes))
            if number < 500 || number >= 600 { #expect(found.contains(0)) }
            if number < 100 || (400..<700).contains(number) { #expect(found.contains(1)) }
            let long = index.blocks(IdentifierKey(hash: mixed(number), isShort: false), in: bytes)
            if number >= 600 { #expect(long.contains(0)) }
            if number < 100 { #expect(long.contains(1)) }
        }
        for length in 0..<writer.count {
            _ = try? IdentifierIndex.Reader(Array(writer.bytes[..<length]).rawSpan)
        }
    }

    @Test func keysAreThoseOfTheNormalizedText() {
        let texts = [
            "4BF92F3577B34DA6", "4bf92f35-77b34da6", "", "-", "--", "req_1", "0-x", "\u{10}-a", "Ünïcode-1", "ABC-G",
            "@-1",
        ]
        var hasher = IdentifierHasher()
        for text in texts {
            let key = hasher.key(ByteString(text).bytes.rawSpan)
            #expect(key == IdentifierHasher.key(ByteString(text)), "\(text)")
        }
        #expect(IdentifierHasher.key(ByteString(texts[0])) == IdentifierHasher.key(ByteString(texts[1])))
    }

    @Test(arguments: [1, 10, 5_000])
    func theBloomFilterHoldsEveryKey(count: Int) {
        let keys = (1...UInt64(count)).map(mixed)
        var writer = ByteWriter()
        BlockedBloom.write(keys, to: &writer)
        for key in keys {
            let may = BlockedBloom.mayContain(key, in: writer.bytes.rawSpan)
            #expect(may)
        }
        let found = (1_000_000..<1_010_000 as Range<UInt64>).filter {
            BlockedBloom.mayContain(mixed($0), in: writer.bytes.rawSpan)
        }
        #expect(count < 1_000 || found.count < 500, "one in 60 was expected of 10,000, not \(found.count)")
    }
}
