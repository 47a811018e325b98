extension RawSpan {
    /// Little-endian loads at any offset, bounds checked. O(1).
    @inlinable
    public func loadUInt16(at offset: Int) -> UInt16 {
        precondition(offset >= 0 && offset &+ 2 <= byteCount)
        // Checked above; every bit pattern is a valid integer.
        return unsafe UInt16(littleEndian: unsafeLoadUnaligned(fromUncheckedByteOffset: offset, as: UInt16.self))
    }

    @inlinable
    public func loadUInt32(at offset: Int) -> UInt32 {
        precondition(offset >= 0 && offset &+ 4 <= byteCount)
        // Checked above; every bit pattern is a valid integer.
        return unsafe UInt32(littleEndian: unsafeLoadUnaligned(fromUncheckedByteOffset: offset, as: UInt32.self))
    }

    @inlinable
    public func loadUInt64(at offset: Int) -> UInt64 {
        precondition(offset >= 0 && offset &+ 8 <= byteCount)
        // Checked above; every bit pattern is a valid integer.
        return unsafe UInt64(littleEndian: unsafeLoadUnaligned(fromUncheckedByteOffset: offset, as: UInt64.self))
    }

    /// The byte at an offset, bounds checked. O(1).
    @inlinable
    public subscript(offset: Int) -> UInt8 {
        precondition(offset >= 0 && offset < byteCount)
        // Checked above.
        return unsafe unsafeLoad(fromUncheckedByteOffset: offset, as: UInt8.self)
    }

    /// A part of the span, bounds checked. O(1).
    @inlinable
    @_lifetime(copy self)
    public func slice(_ offset: Int, _ length: Int) -> RawSpan {
        precondition(offset >= 0 && length >= 0 && offset &+ length <= byteCount)
        return extracting(offset..<(offset &+ length))
    }

    /// Whether all bytes are 0. O(length).
    public var isZero: Bool {
        var offset = 0
        while offset + 8 <= byteCount {
            if loadUInt64(at: offset) != 0 { return false }
            offset += 8
        }
        while offset < byteCount {
            if self[offset] != 0 { return false }
            offset += 1
        }
        return true
    }

    /// Whether both spans hold the same bytes. O(length).
    @inlinable
    public func equals(_ other: RawSpan) -> Bool {
        guard byteCount == other.byteCount else { return false }
        return unsafe withUnsafeBytes { left in
            unsafe other.withUnsafeBytes { right in unsafe equalBytes(left, right) }
        }
    }
}

@usableFromInline
func equalBytes(_ left: UnsafeRawBufferPointer, _ right: UnsafeRawBufferPointer) -> Bool {
    guard let leftBase = left.baseAddress, let rightBase = right.baseAddress else { return true }
    return unsafe plumbMemcmp(leftBase, rightBase, left.count) == 0
}

extension [UInt8] {
    /// Appends a copy of the bytes. O(length).
    @inlinable
    public mutating func append(copying bytes: RawSpan) {
        // The buffer is only read, within the closure.
        unsafe bytes.withUnsafeBytes { unsafe append(contentsOf: $0) }
    }

    /// The elements as bytes. O(1).
    @inlinable
    public var rawSpan: RawSpan {
        @_lifetime(borrow self)
        get {
            // A byte has no padding, which is what `bytes` is unsafe for.
            unsafe span.bytes
        }
    }
}

extension Span<UInt8> {
    /// The elements as bytes. O(1).
    @inlinable
    public var rawSpan: RawSpan {
        @_lifetime(copy self)
        get {
            // A byte has no padding, which is what `bytes` is unsafe for.
            unsafe bytes
        }
    }
}
