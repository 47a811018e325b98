/// A value, name or key exactly as it came: bytes that are UTF-8, compared and hashed as bytes.
///
/// `String` would treat canonically equivalent texts as equal, which a log engine must not.
public struct ByteString: Hashable, Sendable {
    /// UTF-8.
    public var bytes: [UInt8]

    public init(_ bytes: [UInt8]) { self.bytes = bytes }
    public init(_ string: String) { bytes = Array(string.utf8) }
    public init(_ slice: some Sequence<UInt8>) { bytes = Array(slice) }

    /// Copies a range of a span. O(length).
    @inlinable
    public init(_ span: RawSpan) {
        // All of the bytes are copied before the count is set.
        bytes = unsafe [UInt8](unsafeUninitializedCapacity: span.byteCount) { buffer, count in
            unsafe span.withUnsafeBytes { source in
                unsafe UnsafeMutableRawBufferPointer(buffer).copyMemory(from: source)
            }
            count = span.byteCount
        }
    }

    public static let empty = ByteString([UInt8]())

    public var isEmpty: Bool { bytes.isEmpty }
    public var count: Int { bytes.count }
    /// Invalid UTF-8, which intake never lets in, prints as U+FFFD.
    public var string: String { String(decoding: bytes, as: UTF8.self) }
}

extension ByteString: ExpressibleByStringLiteral {
    public init(stringLiteral value: String) { self.init(value) }
}

extension ByteString: CustomStringConvertible {
    public var description: String { string }
}

extension ByteString: Comparable {
    /// Byte order, which for UTF-8 is code point order.
    public static func < (left: ByteString, right: ByteString) -> Bool {
        left.bytes.lexicographicallyPrecedes(right.bytes)
    }
}
