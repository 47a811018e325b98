import Bytes
import Records

/// Decimals as integers scaled by the most fraction digits of the column. A value prints with its trailing zeros
/// removed down to the fewest fraction digits of the column: that is how a fixed format ("%.3f": fewest = most) and the
/// shortest form (fewest = 0, or 1 in the languages that print `12.0`) come out. A column that holds a value which
/// would print otherwise is not encoded this way.
///
/// `fewest u8 | most u8 | integers`.
enum DecimalCodec {
    struct Parsed {
        var mantissa: Int64
        var fractionDigits: Int
    }

    /// A decimal without exponent, leading zeros or a minus zero, at most 18 digits in all; nil for any other text.
    static func parse(_ bytes: RawSpan) -> Parsed? {
        let count = bytes.byteCount
        guard count > 0, count <= 20 else { return nil }
        let negative = bytes[0] == UInt8(ascii: "-")
        let start = negative ? 1 : 0
        var mantissa: Int64 = 0
        var digits = 0
        var point = -1
        for offset in start..<count {
            let byte = bytes[offset]
            let digit = byte &- UInt8(ascii: "0")
            if digit < 10 {
                mantissa = mantissa &* 10 &+ Int64(digit)
                digits += 1
            } else if byte == UInt8(ascii: "."), point < 0 {
                point = offset
            } else {
                return nil
            }
        }
        let wholeDigits = point < 0 ? digits : point - start
        guard digits <= 18, wholeDigits > 0, point != count - 1 else { return nil }
        if wholeDigits > 1, bytes[start] == UInt8(ascii: "0") { return nil }
        if negative, mantissa == 0 { return nil }
        return Parsed(mantissa: negative ? -mantissa : mantissa, fractionDigits: digits - wholeDigits)
    }

    /// False, with nothing written, where a value would not print back.
    static func encode(
        _ slices: [RecordBatch.Slice], _ arena: RawSpan, effort: EncodingEffort, to writer: inout ByteWriter
    ) -> Bool {
        guard let scaled = scaled(slices, arena) else { return false }
        encode(scaled.numbers, scaled.shape, effort: effort, to: &writer)
        return true
    }

    /// Numbers that are scaled already.
    static func encode(_ numbers: [Int64], _ shape: Shape, effort: EncodingEffort, to writer: inout ByteWriter) {
        writer.write(UInt8(shape.fewest))
        writer.write(UInt8(shape.most))
        IntegerCodec.encode(numbers, effort: effort, to: &writer)
    }

    /// Nil where a value would not print back.
    static func scaled(_ slices: [RecordBatch.Slice], _ arena: RawSpan) -> (numbers: [Int64], shape: Shape)? {
        guard let parsed = SliceKernels.decimals(slices.rawSpan, arena) else { return nil }
        var mantissas = parsed.mantissas
        let digits = parsed.digits
        let fewest = Int(digits.reduce(.max, min))
        let most = Int(digits.reduce(0, max))
        if fewest != most {
            for row in mantissas.indices {
                let own = Int(digits[row])
                if own > fewest, mantissas[row] % 10 == 0 { return nil }
                let (scaled, overflow) = mantissas[row].multipliedReportingOverflow(by: powersOfTen[most - own])
                if overflow { return nil }
                mantissas[row] = scaled
            }
        }
        return (mantissas, (fewest, most))
    }

    /// The fewest and the most fraction digits of a column.
    typealias Shape = (fewest: Int, most: Int)

    static func readShape(_ reader: inout ByteReader) throws(CorruptionError) -> Shape {
        let start = reader.offset
        let fewest = Int(try reader.readUInt8())
        let most = Int(try reader.readUInt8())
        guard fewest <= most, most <= 18 else {
            throw CorruptionError("decimals of \(fewest) to \(most) digits", offset: start)
        }
        return (fewest, most)
    }

    static func decode(_ reader: inout ByteReader, count: Int) throws(CorruptionError) -> StringColumn {
        let shape = try readShape(&reader)
        return texts(try IntegerCodec.decode(&reader, count: count), shape)
    }

    static func texts(_ scaled: [Int64], _ shape: Shape) -> StringColumn {
        var text = TextBuilder(rows: scaled.count, bytes: scaled.count * 8)
        for value in scaled {
            DecimalText.append(scaled: value, fewest: shape.fewest, most: shape.most, to: &text.arena)
            text.endValue()
        }
        return text.column
    }
}
