import Bytes
import Records
import Traces

/// The words of a column, for its filter: runs of ASCII letters, digits and `_`, each once. Words that are integers in
/// canonical form, or with leading zeros, are not kept; their range is. Numbers vary without end and would cost more
/// than everything else, and the column that holds them answers for them quickly.
struct WordCollector {
    private(set) var keys = KeySet()
    private(set) var integers: ClosedRange<Int64>?
    /// Whether there are UUIDs of which only the last group of digits is kept: it tells them apart alone.
    private(set) var hasUUIDs = false

    private static let integersFlag: UInt8 = 1
    private static let uuidsFlag: UInt8 = 2
    /// Numbers with leading zeros are in the range too.
    private static let paddedFlag: UInt8 = 4

    var isEmpty: Bool { keys.keys.isEmpty && integers == nil }

    static func isWordByte(_ byte: UInt8) -> Bool {
        let letter = (byte | 0x20) &- UInt8(ascii: "a") < 26
        return letter || byte &- UInt8(ascii: "0") < 10 || byte == UInt8(ascii: "_")
    }

    static func key(_ word: RawSpan) -> UInt64 { hash64(word, seed: 1) }

    /// Adds all words of a text. O(length).
    mutating func add(_ text: RawSpan) { add(text, 0..<text.byteCount) }

    /// Adds the words of a part of a text, each of them whole: a word that crosses the part's border is taken with what
    /// lies outside.
    mutating func add(_ text: RawSpan, _ part: Range<Int>) {
        var start = part.lowerBound
        while start > 0, Self.isWordByte(text[start - 1]) { start -= 1 }
        var offset = start
        while offset < text.byteCount {
            while offset < part.upperBound, !Self.isWordByte(text[offset]) { offset += 1 }
            guard offset < part.upperBound else { return }
            start = offset
            while offset < text.byteCount, Self.isWordByte(text[offset]) { offset += 1 }
            insert(text.slice(start, offset - start))
        }
    }

    /// Adds the words of whole values, given what encoding them found out. O(bytes of the distinct values) where that
    /// was which those are, else O(bytes).
    mutating func add(_ values: [RecordBatch.Slice], _ arena: RawSpan, _ statistics: ColumnStatistics) {
        if let range = statistics.integers, range.lowerBound > .min {
            // Words have no sign: the word of -5 is 5.
            let high = max(abs(range.lowerBound), abs(range.upperBound))
            widen(range.contains(0) ? 0...high : min(abs(range.lowerBound), abs(range.upperBound))...high)
            return
        }
        let distinct = statistics.encoding == .constant ? Array(values.prefix(1)) : statistics.distinctSlices ?? values
        if statistics.valueEncoding == .uuid {
            hasUUIDs = true
            for value in distinct { keys.insert(Self.key(arena.slice(Int(value.offset) + 24, 12))) }
        } else {
            for value in distinct { add(arena.slice(Int(value.offset), Int(value.length))) }
        }
    }

    private mutating func widen(_ range: ClosedRange<Int64>) {
        let known = integers ?? range
        integers = min(known.lowerBound, range.lowerBound)...max(known.upperBound, range.upperBound)
    }

    private mutating func insert(_ word: RawSpan) {
        if word[0] &- UInt8(ascii: "0") < 10, let integer = DecimalText.canonicalInteger(word) ?? Self.padded(word) {
            widen(integer...integer)
        } else {
            keys.insert(Self.key(word))
        }
    }

    /// The value of digits with leading zeros, as fractions of seconds have them; nil for other words.
    private static func padded(_ word: RawSpan) -> Int64? {
        guard word[0] == UInt8(ascii: "0"), word.byteCount <= 18 else { return nil }
        var value: Int64 = 0
        for place in 0..<word.byteCount {
            let digit = word[place] &- UInt8(ascii: "0")
            guard digit < 10 else { return nil }
            value = value * 10 + Int64(digit)
        }
        return value
    }

    /// Appends the filter: `flags u8 (1: integers, 2: UUIDs, 4: numbers with leading zeros are left out too) |
    /// [smallest zigzag, largest zigzag] | map`.
    func write(to writer: inout ByteWriter) {
        writer.write((integers == nil ? 0 : Self.integersFlag) | (hasUUIDs ? Self.uuidsFlag : 0) | Self.paddedFlag)
        if let integers {
            writer.writeZigzag(integers.lowerBound)
            writer.writeZigzag(integers.upperBound)
        }
        BinaryFuseMap.write(
            keys.keys, values: [UInt32](repeating: 0, count: keys.keys.count), fingerprintBits: 8, valueBits: 0,
            to: &writer)
    }

    /// False only if no text of the column has the word. The reader moves to the end.
    static func mayContain(_ word: RawSpan, in filter: inout ByteReader) throws(CorruptionError) -> Bool {
        var integers: ClosedRange<Int64>?
        let flags = try filter.readUInt8()
        if flags & integersFlag != 0 {
            let low = try filter.readZigzag()
            let high = try filter.readZigzag()
            guard low <= high else { throw CorruptionError("integer words", offset: filter.offset) }
            integers = low...high
        }
        let map = try filter.readSpan(filter.remaining)
        if flags & uuidsFlag != 0, [4, 8, 12].contains(word.byteCount), HexText.isHexadecimal(word) {
            if word.byteCount < 12 || BinaryFuseMap.find(key(word), in: map) != nil { return true }
        }
        if word[0] &- UInt8(ascii: "0") < 10, let integer = DecimalText.canonicalInteger(word) {
            return integers?.contains(integer) ?? false
        }
        if flags & paddedFlag != 0, let integer = padded(word) { return integers?.contains(integer) ?? false }
        return BinaryFuseMap.find(key(word), in: map) != nil
    }

    /// The ASCII words of a query word, which may hold other letters.
    static func words(_ text: ByteString) -> [ByteString] {
        text.bytes.split { !isWordByte($0) }.map { ByteString($0) }
    }
}
