import Bytes
import Records

/// Dates with a time of day, all of one exact shape: `2026-03-02T10:00:00.123Z` with the same separator, the same
/// number of fraction digits and the same zone text throughout, as integers in units of the last fraction digit.
///
/// `separator u8 | fraction mark u8 | fraction digits u8 | zone counted | integers`.
enum TimestampCodec {
    struct Shape: Equatable {
        var separator: UInt8
        var fractionMark: UInt8
        var fractionDigits: Int
        var zone: [UInt8]
    }

    static let longestZone = 8

    /// The shape of a value, without judging its digits.
    static func shape(_ value: RawSpan) -> Shape? {
        guard value.byteCount >= 19 else { return nil }
        var shape = Shape(separator: value[10], fractionMark: 0, fractionDigits: 0, zone: [])
        var offset = 19
        if offset < value.byteCount, value[offset] == UInt8(ascii: ".") || value[offset] == UInt8(ascii: ",") {
            shape.fractionMark = value[offset]
            offset += 1
            while offset < value.byteCount, value[offset] &- UInt8(ascii: "0") < 10 {
                shape.fractionDigits += 1
                offset += 1
            }
            guard (1...9).contains(shape.fractionDigits) else { return nil }
        }
        guard value.byteCount - offset <= longestZone else { return nil }
        while offset < value.byteCount {
            shape.zone.append(value[offset])
            offset += 1
        }
        return shape
    }

    /// Units since the epoch (the zone left aside); nil where the text is not of the shape or no such moment exists.
    static func parse(_ value: RawSpan, _ shape: Shape) -> Int64? {
        let fractionLength = shape.fractionDigits == 0 ? 0 : shape.fractionDigits + 1
        guard value.byteCount == 19 + fractionLength + shape.zone.count, value[10] == shape.separator,
            value[4] == UInt8(ascii: "-"), value[7] == UInt8(ascii: "-"), value[13] == UInt8(ascii: ":"),
            value[16] == UInt8(ascii: ":"),
            value.slice(19 + fractionLength, shape.zone.count).equals(shape.zone.rawSpan),
            let year = number(value, 0, 4), let month = number(value, 5, 2), let day = number(value, 8, 2),
            let hour = number(value, 11, 2), let minute = number(value, 14, 2), let second = number(value, 17, 2),
            (1...12).contains(month), day >= 1, day <= CivilDate.days(inMonth: month, ofYear: year),
            hour < 24, minute < 60, second < 60
        else { return nil }
        var fraction = 0
        if shape.fractionDigits > 0 {
            guard value[19] == shape.fractionMark, let digits = number(value, 20, shape.fractionDigits) else {
                return nil
            }
            fraction = digits
        }
        let days = CivilDate(year: year, month: month, day: day).daysSinceEpoch
        let seconds = days * 86_400 + Int64(hour * 3_600 + minute * 60 + second)
        let (units, overflow) = seconds.multipliedReportingOverflow(by: powersOfTen[shape.fractionDigits])
        let (sum, carry) = units.addingReportingOverflow(Int64(fraction))
        return overflow || carry ? nil : sum
    }

    private static func number(_ value: RawSpan, _ offset: Int, _ count: Int) -> Int? {
        var number = 0
        for position in offset..<(offset + count) {
            let digit = value[position] &- UInt8(ascii: "0")
            guard digit < 10 else { return nil }
            number = number * 10 + Int(digit)
        }
        return number
    }

    static func encode(
        _ slices: [RecordBatch.Slice], _ arena: RawSpan, effort: EncodingEffort, to writer: inout ByteWriter
    ) -> Bool {
        guard let shape = shape(arena.slice(Int(slices[0].offset), Int(slices[0].length))) else { return false }
        var moments: [Int64] = []
        moments.reserveCapacity(slices.count)
        for slice in slices {
            guard let moment = parse(arena.slice(Int(slice.offset), Int(slice.length)), shape) else { return false }
            moments.append(moment)
        }
        writer.write(shape.separator)
        writer.write(shape.fractionMark)
        writer.write(UInt8(shape.fractionDigits))
        writer.writeCounted(shape.zone)
        IntegerCodec.encode(moments, effort: effort, to: &writer)
        return true
    }

    static func readShape(_ reader: inout ByteReader) throws(CorruptionError) -> Shape {
        let start = reader.offset
        let separator = try reader.readUInt8()
        let mark = try reader.readUInt8()
        let digits = Int(try reader.readUInt8())
        let zone = try reader.readCounted()
        guard digits <= 9, zone.count <= longestZone else { throw CorruptionError("timestamp shape", offset: start) }
        return Shape(separator: separator, fractionMark: mark, fractionDigits: digits, zone: zone)
    }

    static func decode(_ reader: inout ByteReader, count: Int) throws(CorruptionError) -> StringColumn {
        let shape = try readShape(&reader)
        return texts(try IntegerCodec.decode(&reader, count: count), shape)
    }

    static func texts(_ moments: [Int64], _ shape: Shape) -> StringColumn {
        let length = 20 + shape.fractionDigits + shape.zone.count
        var text = TextBuilder(rows: moments.count, bytes: moments.count * length)
        for moment in moments {
            append(moment, shape, to: &text.arena)
            text.endValue()
        }
        return text.column
    }

    private static func append(_ moment: Int64, _ shape: Shape, to output: inout [UInt8]) {
        let perSecond = powersOfTen[shape.fractionDigits]
        let seconds = floorDivided(moment, by: perSecond)
        let days = floorDivided(seconds, by: 86_400)
        let date = CivilDate(daysSinceEpoch: days)
        let second = UInt64(seconds - days * 86_400)
        DecimalText.append(UInt64(max(0, date.year)), width: 4, to: &output)
        output.append(UInt8(ascii: "-"))
        DecimalText.append(UInt64(date.month), width: 2, to: &output)
        output.append(UInt8(ascii: "-"))
        DecimalText.append(UInt64(date.day), width: 2, to: &output)
        output.append(shape.separator)
        DecimalText.append(second / 3_600, width: 2, to: &output)
        output.append(UInt8(ascii: ":"))
        DecimalText.append(second / 60 % 60, width: 2, to: &output)
        output.append(UInt8(ascii: ":"))
        DecimalText.append(second % 60, width: 2, to: &output)
        if shape.fractionDigits > 0 {
            output.append(shape.fractionMark)
            // The difference is below `perSecond`, whatever the product does at the ends of the range.
            let fraction = UInt64(bitPattern: moment &- seconds &* perSecond)
            DecimalText.append(fraction, width: shape.fractionDigits, to: &output)
        }
        output.append(contentsOf: shape.zone)
    }

    private static func floorDivided(_ value: Int64, by divisor: Int64) -> Int64 {
        let quotient = value / divisor
        return value % divisor < 0 ? quotient - 1 : quotient
    }
}
