import Bytes
import Records

/// Dotted IPv4 addresses without leading zeros, as 32-bit integers.
enum AddressCodec {
    /// The address as a number, first part highest; nil for any other text.
    static func parse(_ value: RawSpan) -> UInt32? {
        guard value.byteCount >= 7, value.byteCount <= 15 else { return nil }
        var address: UInt32 = 0
        var part: UInt32 = 0
        var digits = 0
        var dots = 0
        for offset in 0..<value.byteCount {
            let byte = value[offset]
            let digit = byte &- UInt8(ascii: "0")
            if digit < 10 {
                if digits > 0, part == 0 { return nil }
                part = part * 10 + UInt32(digit)
                digits += 1
                if part > 255 { return nil }
            } else {
                guard byte == UInt8(ascii: "."), digits > 0, dots < 3 else { return nil }
                address = address << 8 | part
                part = 0
                digits = 0
                dots += 1
            }
        }
        return dots == 3 && digits > 0 ? address << 8 | part : nil
    }

    static func encode(
        _ slices: [RecordBatch.Slice], _ arena: RawSpan, effort: EncodingEffort, to writer: inout ByteWriter
    ) -> Bool {
        var addresses: [Int64] = []
        addresses.reserveCapacity(slices.count)
        for slice in slices {
            guard let address = parse(arena.slice(Int(slice.offset), Int(slice.length))) else { return false }
            addresses.append(Int64(address))
        }
        IntegerCodec.encode(addresses, effort: effort, to: &writer)
        return true
    }

    static func decode(_ reader: inout ByteReader, count: Int) throws(CorruptionError) -> StringColumn {
        texts(try IntegerCodec.decode(&reader, count: count))
    }

    static func texts(_ addresses: [Int64]) -> StringColumn {
        var text = TextBuilder(rows: addresses.count, bytes: addresses.count * 14)
        for value in addresses {
            let address = UInt64(truncatingIfNeeded: value)
            for shift: UInt64 in [24, 16, 8, 0] {
                DecimalText.append((address >> shift) & 0xFF, to: &text.arena)
                if shift > 0 { text.arena.append(UInt8(ascii: ".")) }
            }
            text.endValue()
        }
        return text.column
    }
}
