/// Appends little-endian numbers, varints and byte runs to a growing buffer: how every format on disk is written.
public struct ByteWriter: Sendable {
    public var bytes: [UInt8]

    public init(capacity: Int = 0) {
        bytes = []
        bytes.reserveCapacity(capacity)
    }

    public var count: Int { bytes.count }

    @inlinable public mutating func write(_ value: UInt8) { bytes.append(value) }

    @inlinable
    public mutating func write(_ value: some FixedWidthInteger) {
        var rest = value
        for _ in 0..<(value.bitWidth / 8) {
            bytes.append(UInt8(truncatingIfNeeded: rest))
            rest >>= 8
        }
    }

    /// Unsigned LEB128: seven bits a byte, low bits first.
    @inlinable
    public mutating func writeVarint(_ value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(truncatingIfNeeded: rest))
    }

    @inlinable public mutating func writeVarint(_ value: Int) { writeVarint(UInt64(value)) }

    /// Signed values of small magnitude stay short: 0, -1, 1, -2 … become 0, 1, 2, 3 …
    @inlinable public mutating func writeZigzag(_ value: Int64) { writeVarint(zigzagEncode(value)) }

    @inlinable
    public mutating func write(_ span: RawSpan) {
        unsafe span.withUnsafeBytes { unsafe bytes.append(contentsOf: $0) }
    }

    @inlinable public mutating func write(_ run: [UInt8]) { bytes.append(contentsOf: run) }

    /// Length as a varint, then the bytes.
    @inlinable
    public mutating func writeCounted(_ run: [UInt8]) {
        writeVarint(run.count)
        bytes.append(contentsOf: run)
    }

    /// Overwrites four bytes written earlier, for lengths and checksums known only afterwards.
    public mutating func patch(_ value: UInt32, at offset: Int) {
        for byte in 0..<4 { bytes[offset + byte] = UInt8(truncatingIfNeeded: value >> (8 * UInt32(byte))) }
    }
}

@inlinable public func zigzagEncode(_ value: Int64) -> UInt64 { UInt64(bitPattern: (value << 1) ^ (value >> 63)) }
@inlinable public func zigzagDecode(_ value: UInt64) -> Int64 {
    Int64(bitPattern: value >> 1) ^ -Int64(bitPattern: value & 1)
}
