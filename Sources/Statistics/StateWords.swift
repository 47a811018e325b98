/// A state as 32-bit words: how the structures of this module save themselves without knowing any file format.
public struct StateWriter: Sendable {
    public private(set) var words: [UInt32] = []

    public init() {}

    public mutating func write(_ value: UInt32) { words.append(value) }
    public mutating func write(_ value: Float) { words.append(value.bitPattern) }
    public mutating func write(_ value: Bool) { words.append(value ? 1 : 0) }
    public mutating func write(_ value: Int32) { words.append(UInt32(bitPattern: value)) }

    public mutating func write(_ value: UInt64) {
        words.append(UInt32(truncatingIfNeeded: value))
        words.append(UInt32(truncatingIfNeeded: value >> 32))
    }

    /// Four bytes in one word.
    mutating func write(bytes: [UInt8]) {
        precondition(bytes.count == 4)
        write(UInt32(bytes[0]) | UInt32(bytes[1]) << 8 | UInt32(bytes[2]) << 16 | UInt32(bytes[3]) << 24)
    }

    public mutating func write(_ value: Double) { write(value.bitPattern) }
    public mutating func write(_ value: Int64) { write(UInt64(bitPattern: value)) }
}

/// A saved state that is too short or cannot be.
public struct StateError: Error, Sendable, Equatable {
    /// The word at which reading failed.
    public var word: Int

    public init(word: Int) { self.word = word }
}

/// Reads what `StateWriter` wrote; throws `StateError` past the end.
public struct StateReader: Sendable {
    private let words: [UInt32]
    public private(set) var position = 0

    public init(_ words: [UInt32]) { self.words = words }

    public var isAtEnd: Bool { position == words.count }

    public mutating func readUInt32() throws(StateError) -> UInt32 {
        guard position < words.count else { throw StateError(word: position) }
        position += 1
        return words[position - 1]
    }

    public mutating func readFloat() throws(StateError) -> Float { Float(bitPattern: try readUInt32()) }
    public mutating func readBool() throws(StateError) -> Bool { try readUInt32() != 0 }
    public mutating func readInt32() throws(StateError) -> Int32 { Int32(bitPattern: try readUInt32()) }

    public mutating func readUInt64() throws(StateError) -> UInt64 {
        let low = try readUInt32()
        return UInt64(low) | UInt64(try readUInt32()) << 32
    }

    /// The four bytes of a word.
    mutating func readBytes() throws(StateError) -> [UInt8] {
        let word = try readUInt32()
        return (0..<4).map { UInt8(truncatingIfNeeded: word >> (8 * UInt32($0))) }
    }

    public mutating func readDouble() throws(StateError) -> Double { Double(bitPattern: try readUInt64()) }
    public mutating func readInt64() throws(StateError) -> Int64 { Int64(bitPattern: try readUInt64()) }

    /// A count that was written as one word: refused above `limit`.
    public mutating func readCount(limit: Int) throws(StateError) -> Int {
        let count = Int(try readUInt32())
        guard count <= limit else { throw StateError(word: position - 1) }
        return count
    }
}

extension InlineArray where Element == Float {
    /// The elements, one word each.
    func save(to writer: inout StateWriter) { for index in indices { writer.write(self[index]) } }

    /// The elements as `save` wrote them.
    mutating func restore(from reader: inout StateReader) throws(StateError) {
        for index in indices { self[index] = try reader.readFloat() }
    }
}

extension InlineArray where Element == UInt32 {
    /// The elements, one word each.
    func save(to writer: inout StateWriter) { for index in indices { writer.write(self[index]) } }

    /// The elements as `save` wrote them.
    mutating func restore(from reader: inout StateReader) throws(StateError) {
        for index in indices { self[index] = try reader.readUInt32() }
    }
}
