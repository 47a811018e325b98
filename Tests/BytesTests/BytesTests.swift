import Bytes
import Testing

@Suite struct ByteFormatTests {
    @Test(arguments: [0, 1, 127, 128, 16_383, 16_384, UInt64(UInt32.max), UInt64.max])
    func varintsComeBack(value: UInt64) throws {
        var writer = ByteWriter()
        writer.writeVarint(value)
        writer.writeZigzag(Int64(bitPattern: value))
        var reader = ByteReader(writer.bytes.rawSpan)
        #expect(try reader.readVarint() == value)
        #expect(try reader.readZigzag() == Int64(bitPattern: value))
        #expect(reader.remaining == 0)
    }

    @Test func readingPastTheEndNamesThePlace() {
        var writer = ByteWriter()
        writer.write(UInt32(7))
        let bytes = writer.bytes
        #expect(throws: CorruptionError.self) {
            var reader = ByteReader(bytes.rawSpan)
            _ = try reader.readUInt32()
            _ = try reader.readUInt8()
        }
    }

    @Test func anOverlongVarintIsRefused() {
        let bytes = [UInt8](repeating: 0xFF, count: 11)
        #expect(throws: CorruptionError.self) {
            var reader = ByteReader(bytes.rawSpan)
            _ = try reader.readVarint()
        }
    }

    @Test(arguments: 0...64)
    func packedIntegersComeBack(width: Int) throws {
        var generator = SystemRandomNumberGenerator()
        let mask = width == 64 ? UInt64.max : (UInt64(1) << UInt64(width)) - 1
        for count in [0, 1, 7, 8, 9, 63, 64, 65, 1_000] {
            let values = (0..<count).map { _ in UInt64.random(in: .min ... .max, using: &generator) & mask }
            var writer = ByteWriter()
            BitPacking.pack(values, width: width, into: &writer)
            #expect(writer.count == BitPacking.byteCount(count, width: width) || width == 0)
            #expect(try BitPacking.unpack(writer.bytes.rawSpan, count: count, width: width) == values)
        }
    }
}

@Suite struct ChecksumTests {
    /// The check value of the CRC catalogue, and RFC 3720's B.4 for 32 zeros.
    @Test func crc32cMatchesItsPublishedValues() {
        #expect(crc32c(Array("123456789".utf8).rawSpan) == 0xE306_9283)
        #expect(crc32c([UInt8](repeating: 0, count: 32).rawSpan) == 0x8A91_36AA)
    }

    @Test func crc32cContinues() {
        let bytes = (0..<1_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        for cut in [0, 1, 7, 8, 500, 999, 1_000] {
            let head = crc32c(bytes.rawSpan.slice(0, cut))
            #expect(crc32c(bytes.rawSpan.slice(cut, bytes.count - cut), seed: head) == crc32c(bytes.rawSpan))
        }
    }

    /// Long buffers go another way than short ones.
    @Test(arguments: [3_071, 3_072, 3_073, 6_144, 20_000])
    func crc32cOfLongBuffersIsThatOfTheirPieces(length: Int) {
        let bytes = (0..<length).map { UInt8(truncatingIfNeeded: ($0 &* 2_654_435_761) >> 7) }
        var pieces: UInt32 = 0
        for start in stride(from: 0, to: length, by: 97) {
            pieces = crc32c(bytes.rawSpan.slice(start, min(97, length - start)), seed: pieces)
        }
        #expect(crc32c(bytes.rawSpan) == pieces)
    }

    @Test func hashesDifferByLengthContentAndSeed() {
        var seen: Set<UInt64> = []
        for length in 0..<200 {
            let zeros = [UInt8](repeating: 0, count: length)
            #expect(seen.insert(hash64(zeros.rawSpan)).inserted)
            #expect(seen.insert(hash64(zeros.rawSpan, seed: 1)).inserted)
            for index in 0..<length {
                var one = zeros
                one[index] = 1
                #expect(seen.insert(hash64(one.rawSpan)).inserted)
            }
        }
    }
}

@Suite struct TextTests {
    @Test(arguments: [
        ("plain", 0), ("ü€😀", 0),
    ])
    func wellFormedTextIsKept(text: String, replaced: Int) {
        var output: [UInt8] = []
        #expect(appendRepairingUTF8(Array(text.utf8).rawSpan, to: &output) == replaced)
        #expect(output == Array(text.utf8))
    }

    /// Overlong forms, surrogates, values past U+10FFFF, lone and cut-off sequences.
    @Test(
        arguments: [
            [0xC0, 0x80], [0xE0, 0x80, 0x80], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0x80], [0xE2, 0x82],
            [0xFF],
        ] as [[UInt8]])
    func illFormedBytesAreReplacedOneByOne(bytes: [UInt8]) {
        var output: [UInt8] = []
        let replaced = appendRepairingUTF8(([0x41] + bytes + [0x42]).rawSpan, to: &output)
        #expect(replaced == bytes.count)
        #expect(output.first == 0x41 && output.last == 0x42 && output.count == 2 + 3 * bytes.count)
    }

    @Test func searchesFindWhatIsThere() {
        let text = Array("the quick brown fox".utf8)
        #expect(firstIndex(of: UInt8(ascii: "q"), in: text.rawSpan) == 4)
        #expect(firstIndex(of: UInt8(ascii: "q"), in: text.rawSpan, from: 5) == nil)
        #expect(firstRange(of: Array("brown".utf8).rawSpan, in: text.rawSpan) == 10)
        #expect(firstRange(of: Array("cat".utf8).rawSpan, in: text.rawSpan) == nil)
        #expect(firstRange(of: [UInt8]().rawSpan, in: text.rawSpan, from: text.count) == text.count)
    }
}

@Suite struct CodeKernelTests {
    @Test func distinctValuesAreNumberedByFirstAppearance() {
        let texts = ["", "b", "a", "b", "", "cc", "a", "c"].map { Array($0.utf8) }
        var arena: [UInt8] = [0]
        var pairs: [UInt8] = []
        for text in texts {
            pairs += [UInt8(arena.count), 0, 0, 0, UInt8(text.count), 0, 0, 0]
            arena += text
        }
        let union = CodeKernels.union(pairs.rawSpan, arena.rawSpan)
        #expect(union.codes == [0, 1, 2, 1, 0, 3, 2, 4])
        #expect(union.firsts == [0, 1, 2, 5, 7])
        #expect(CodeKernels.union([UInt8]().rawSpan, arena.rawSpan).codes.isEmpty)
    }

    @Test func codesAreTakenRenumberedAndFound() {
        let source = (0..<1_000).map { UInt32($0 * 7 % 50) }
        let rows = (0..<2_000).map { UInt32($0 * 13 % 1_000) }
        var codes = CodeKernels.take(source, rows)
        #expect(codes == rows.map { source[Int($0)] })
        #expect(CodeKernels.take(source.map(Int64.init), rows) == rows.map { Int64(source[Int($0)]) })
        let original = codes
        let (order, counts) = CodeKernels.renumber(&codes, limit: 50)
        #expect(codes.map { order[Int($0)] } == original)
        #expect(counts.enumerated().allSatisfy { code, count in codes.count { $0 == code } == Int(count) })
        var newest = -1
        for code in codes {
            #expect(Int(code) <= newest + 1)
            newest = max(newest, Int(code))
        }
        for code in [0, 3, 49, 50] as [UInt32] {
            let expected = codes.indices.filter { codes[$0] == code }.map(UInt32.init)
            #expect(CodeKernels.positions(of: code, in: codes) == expected)
        }
        let bytes = (0..<100_003).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        #expect(CodeKernels.sum(bytes.rawSpan) == bytes.reduce(0) { $0 + UInt64($1) })
    }
}
