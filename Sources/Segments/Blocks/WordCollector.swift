import Bytes
import Records
import Traces

/// The words of a column, for its filter: runs of ASCII letters, digits and `_`, each once. Words that are integers in
/// canonical form are not kept; their range is. Numbers vary without end and would cost more than everything else, and
/// the column that holds them answers for them quickly.
struct WordCollector {
    private(set) var keys = KeySet()
    private(set) var integers: ClosedRange<Int64>?

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
        for value in distinct { add(arena.slice(Int(value.offset), Int(value.length))) }
    }

    private mutating func widen(_ range: ClosedRange<Int64>) {
        let known = integers ?? range
        integers = min(known.lowerBound, range.lowerBound)...max(known.upperBound, range.upperBound)
    }

    private mutating func insert(_ word: RawSpan) {
        if word[0] &- UInt8(ascii: "0") < 10, let integer = DecimalText.canonicalInteger(word) {
            widen(integer...integer)
        } else {
            keys.insert(Self.key(word))
        }
    }

    /// Appends the filter: `flags u8 | [smallest zigzag, largest zigzag] | map`.
    func write(to writer: inout ByteWriter) {
        writer.write(UInt8(integers == nil ? 0 : 1))
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
        if try filter.readUInt8() == 1 {
            let low = try filter.readZigzag()
            let high = try filter.readZigzag()
            guard low <= high else { throw CorruptionError("integer words", offset: filter.offset) }
            integers = low...high
        }
        let map = try filter.readSpan(filter.remaining)
        if word[0] &- UInt8(ascii: "0") < 10, let integer = DecimalText.canonicalInteger(word) {
            return integers?.contains(integer) ?? false
        }
        return BinaryFuseMap.find(key(word), in: map) != nil
    }

    /// The ASCII words of a query word, which may hold other letters.
    static func words(_ text: ByteString) -> [ByteString] {
        text.bytes.split { !isWordByte($0) }.map { ByteString($0) }
    }
}
