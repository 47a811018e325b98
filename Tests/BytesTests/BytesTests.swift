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
