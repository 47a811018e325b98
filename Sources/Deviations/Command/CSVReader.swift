import Bytes

/// Reads comma-separated values as RFC 4180 has them: quoted fields, doubled quotes, line breaks inside quotes, CRLF or
/// LF. A field keeps its text as it came, without its quotes.
struct CSVReader: ~Escapable {
    private let bytes: RawSpan
    private var offset = 0
    private let separator: UInt8

    @_lifetime(copy bytes)
    init(_ bytes: RawSpan, separator: UInt8 = UInt8(ascii: ",")) {
        self.bytes = bytes
        self.separator = separator
        if bytes.byteCount >= 3, bytes[0] == 0xEF, bytes[1] == 0xBB, bytes[2] == 0xBF { offset = 3 }
    }

    /// The fields of the next record; nil at the end. Empty lines are passed over.
    @_lifetime(self: copy self)
    mutating func next() -> [ByteString]? {
        while offset < bytes.byteCount, isLineEnd(bytes[offset]) { offset += 1 }
        guard offset < bytes.byteCount else { return nil }
        var fields: [ByteString] = []
        while true {
            fields.append(field())
            guard offset < bytes.byteCount else { return fields }
            let byte = bytes[offset]
            if byte != separator { return fields }
            offset += 1
            if offset == bytes.byteCount {
                fields.append(.empty)
                return fields
            }
        }
    }

    private func isLineEnd(_ byte: UInt8) -> Bool { byte == 10 || byte == 13 }

    @_lifetime(self: copy self)
    private mutating func field() -> ByteString {
        guard bytes[offset] == UInt8(ascii: "\"") else { return plainField() }
        offset += 1
        var text: [UInt8] = []
        while offset < bytes.byteCount {
            let byte = bytes[offset]
            offset += 1
            if byte == UInt8(ascii: "\"") {
                guard offset < bytes.byteCount, bytes[offset] == UInt8(ascii: "\"") else { break }
                offset += 1
            }
            text.append(byte)
        }
        // What stands between a closing quote and the separator belongs to nobody, but is kept rather than lost.
        text += plainField().bytes
        return ByteString(text)
    }

    @_lifetime(self: copy self)
    private mutating func plainField() -> ByteString {
        let start = offset
        while offset < bytes.byteCount, bytes[offset] != separator, !isLineEnd(bytes[offset]) { offset += 1 }
        return ByteString(bytes.slice(start, offset - start))
    }
}
