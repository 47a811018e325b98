import Bytes

/// One field of a protobuf message, as the wire has it.
struct ProtobufField {
    enum Wire { case varint, fixed64, bytes, fixed32 }

    var number: Int
    var wire: Wire
    /// Of `varint`, `fixed64` and `fixed32`.
    var value: UInt64 = 0
    /// Of `bytes`: where they stand in the body.
    var range: Range<Int> = 0..<0
}

/// Reads the protobuf wire format (protobuf.dev/programming-guides/encoding) field by field.
enum Protobuf {
    /// The next field of a message that ends at `end`, or nil behind the last. O(1).
    static func next(_ bytes: RawSpan, _ place: inout Int, end: Int) throws(PushError) -> ProtobufField? {
        guard place < end else { return nil }
        let start = place
        let key = try varint(bytes, &place, end: end)
        let number = Int(truncatingIfNeeded: key >> 3)
        guard number > 0, key >> 3 < 1 << 29 else { throw PushError("a field number out of range", at: start) }
        switch key & 7 {
        case 0: return ProtobufField(number: number, wire: .varint, value: try varint(bytes, &place, end: end))
        case 1:
            guard end - place >= 8 else { throw PushError("a message ends within a field", at: start) }
            defer { place += 8 }
            return ProtobufField(number: number, wire: .fixed64, value: bytes.loadUInt64(at: place))
        case 2:
            let length = try varint(bytes, &place, end: end)
            guard length <= UInt64(end - place) else {
                throw PushError("a field is longer than its message", at: start)
            }
            defer { place += Int(length) }
            return ProtobufField(number: number, wire: .bytes, range: place..<(place + Int(length)))
        case 5:
            guard end - place >= 4 else { throw PushError("a message ends within a field", at: start) }
            defer { place += 4 }
            return ProtobufField(number: number, wire: .fixed32, value: UInt64(bytes.loadUInt32(at: place)))
        default: throw PushError("an unknown wire type", at: start)
        }
    }

    /// Calls `body` with each field of the message that stands at `range`. O(fields).
    static func forEach(
        _ bytes: RawSpan, _ range: Range<Int>, _ body: (ProtobufField) throws(PushError) -> Void
    ) throws(PushError) {
        var place = range.lowerBound
        while let field = try next(bytes, &place, end: range.upperBound) { try body(field) }
    }

    private static func varint(_ bytes: RawSpan, _ place: inout Int, end: Int) throws(PushError) -> UInt64 {
        let start = place
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while place < end, shift < 70 {
            let byte = bytes[place]
            place += 1
            // The tenth byte holds the last bit.
            guard shift < 63 || byte <= 1 else { break }
            value |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 { return value }
            shift += 7
        }
        throw PushError("a number without an end", at: start)
    }
}

extension RawSpan {
    /// A copy of the bytes at `range`.
    func copy(_ range: Range<Int>) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.append(copying: slice(range.lowerBound, range.count))
        return bytes
    }
}
