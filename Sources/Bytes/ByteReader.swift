/// Bytes from disk or from a peer that cannot be what they claim to be.
public struct CorruptionError: Error, Sendable, CustomStringConvertible {
    public var reason: String
    /// Byte offset within the input that was read.
    public var offset: Int
    /// The file, where it is known; the layer that opened the file fills it in.
    public var file: String?

    public init(_ reason: String, offset: Int, file: String? = nil) {
        self.reason = reason
        self.offset = offset
        self.file = file
    }

    public var description: String { "\(file.map { "\($0): " } ?? "")\(reason) at byte \(offset)" }
}

/// Reads what `ByteWriter` wrote. Every read is checked against the end and throws `CorruptionError` past it.
public struct ByteReader: ~Escapable {
    public let bytes: RawSpan
    public private(set) var offset: Int

    @_lifetime(copy bytes)
    public init(_ bytes: RawSpan, at offset: Int = 0) {
        self.bytes = bytes
        self.offset = offset
    }

    public var remaining: Int { bytes.byteCount - offset }

    @_lifetime(self: copy self)
    public mutating func readUInt8() throws(CorruptionError) -> UInt8 {
        try need(1)
        defer { offset += 1 }
        return bytes[offset]
    }

    @_lifetime(self: copy self)
    public mutating func readUInt16() throws(CorruptionError) -> UInt16 {
        try need(2)
        defer { offset += 2 }
        return bytes.loadUInt16(at: offset)
    }

    @_lifetime(self: copy self)
    public mutating func readUInt32() throws(CorruptionError) -> UInt32 {
        try need(4)
        defer { offset += 4 }
        return bytes.loadUInt32(at: offset)
    }

    @_lifetime(self: copy self)
    public mutating func readUInt64() throws(CorruptionError) -> UInt64 {
        try need(8)
        defer { offset += 8 }
        return bytes.loadUInt64(at: offset)
    }

    @_lifetime(self: copy self)
    public mutating func readInt64() throws(CorruptionError) -> Int64 { Int64(bitPattern: try readUInt64()) }

    @_lifetime(self: copy self)
    public mutating func readVarint() throws(CorruptionError) -> UInt64 {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while true {
            let byte = try readUInt8()
            if shift == 63 && byte > 1 { throw CorruptionError("varint over 64 bits", offset: offset - 1) }
            value |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 { return value }
            shift += 7
        }
    }

    /// A varint that counts something: refused above `limit`, so that no length from disk sizes an allocation
    /// unchecked.
    @_lifetime(self: copy self)
    public mutating func readCount(limit: Int) throws(CorruptionError) -> Int {
        let start = offset
        let value = try readVarint()
        guard value <= UInt64(limit) else {
            throw CorruptionError("count \(value) over the limit \(limit)", offset: start)
        }
        return Int(value)
    }

    @_lifetime(self: copy self)
    public mutating func readZigzag() throws(CorruptionError) -> Int64 { zigzagDecode(try readVarint()) }

    /// The next `count` bytes, not copied.
    @_lifetime(copy self)
    public mutating func readSpan(_ count: Int) throws(CorruptionError) -> RawSpan {
        try need(count)
        let span = bytes.slice(offset, count)
        offset += count
        return span
    }

    @_lifetime(self: copy self)
    public mutating func readBytes(_ count: Int) throws(CorruptionError) -> [UInt8] {
        try need(count)
        defer { offset += count }
        return ByteString(bytes.slice(offset, count)).bytes
    }

    /// What `writeCounted` wrote.
    @_lifetime(self: copy self)
    public mutating func readCounted() throws(CorruptionError) -> [UInt8] {
        let count = try readCount(limit: remaining)
        return try readBytes(count)
    }

    @_lifetime(self: copy self)
    public mutating func skip(_ count: Int) throws(CorruptionError) {
        try need(count)
        offset += count
    }

    private func need(_ count: Int) throws(CorruptionError) {
        guard count >= 0, count <= bytes.byteCount - offset else {
            throw CorruptionError("\(count) bytes wanted, \(bytes.byteCount - offset) left", offset: offset)
        }
    }
}
