import Bytes
import QueryLanguage

/// A bucket as numbers: its width and how far it is moved.
struct BucketSize {
    /// In nanoseconds for times and durations; 0 for months and years.
    let step: Double
    let offset: Double

    init(_ bucket: StatsBucket) {
        switch bucket {
        case .step(let literal, let offset): (step, self.offset) = (literal.value, offset?.value ?? 0)
        case .calendar(let unit, let offset): (step, self.offset) = (Double(unit.nanoseconds ?? 0), offset?.value ?? 0)
        case .ipv4(let bits, let offset):
            (step, self.offset) = (Double(UInt64(1) << UInt64(32 - bits)), offset?.value ?? 0)
        }
    }

    /// For whole numbers.
    var wholeStep: Int64 { max(Int64(clamping: step), 1) }
    var wholeOffset: Int64 { Int64(clamping: offset) }
}

extension GroupBuckets {
    /// A value rounded down into its bucket: integers, decimals, times, addresses and durations each in their own
    /// arithmetic and printed as what they are; any other value as it is.
    static func text(_ value: ByteString, _ bucket: StatsBucket) -> ByteString {
        let text = value.bytes.rawSpan
        guard text.byteCount > 0, text[0] &- 48 < 10 || text[0] == UInt8(ascii: "-") else { return value }
        let size = BucketSize(bucket)
        var output: [UInt8] = []
        if let integer = integer(value) {
            NumberText.append(floored(integer, step: size.wholeStep, offset: size.wholeOffset), to: &output)
        } else if let number = decimal(text) {
            NumberText.append(truncated(number, size), to: &output)
        } else if let time = NumberParser.time(text) {
            return NumberText.time(range(of: time, bucket).start)
        } else if let address = NumberParser.ipv4(text) {
            NumberText.appendIPv4(floored(address, size), to: &output)
        } else if let nanoseconds = NumberParser.duration(text) {
            NumberText.appendDuration(
                floored(nanoseconds, step: size.wholeStep, offset: size.wholeOffset), to: &output)
        } else {
            return value
        }
        return ByteString(output)
    }

    /// Down to a multiple of the step above zero, counted from the offset. Wraps around at the ends of the range.
    static func floored(_ value: Int64, step: Int64, offset: Int64) -> Int64 {
        let local = value &- offset
        let rest = local % step
        return local &- (rest < 0 ? rest &+ step : rest) &+ offset
    }

    /// Counted in the step's own last decimal, so that 0.3 does not become 0.30000000000000004; toward zero.
    private static func truncated(_ value: Double, _ size: BucketSize) -> Double {
        let step = size.step > 0 ? size.step : 1
        let scale = DecimalScale(of: step)
        let counted = scale.counted(value - size.offset).rounded(.down)
        let width = max(scale.counted(step).rounded(.towardZero), 1)
        return scale.number(counted - counted.truncatingRemainder(dividingBy: width)) + size.offset
    }

    private static func floored(_ address: UInt32, _ size: BucketSize) -> UInt32 {
        let step = max(UInt32(truncatingIfNeeded: Int64(clamping: size.step)), 1)
        let offset = UInt32(truncatingIfNeeded: size.wholeOffset)
        guard offset <= address else { return 0 }
        let local = address - offset
        return local - local % step + offset
    }

    /// `-12`, `1_000`; no zeros in front.
    private static func integer(_ value: ByteString) -> Int64? {
        if let integer = NumberParser.canonicalInteger(value.bytes.rawSpan) { return integer }
        let digits = value.bytes.filter { $0 != UInt8(ascii: "_") }
        if digits == Array("-0".utf8) { return 0 }
        return digits.count < value.bytes.count ? NumberParser.canonicalInteger(digits.rawSpan) : nil
    }

    /// Digits, a point and digits; no zeros in front, no exponent.
    private static func decimal(_ text: RawSpan) -> Double? {
        let first = text[0] == UInt8(ascii: "-") ? 1 : 0
        guard let point = firstIndex(of: UInt8(ascii: "."), in: text, from: first), point > first,
            point + 1 < text.byteCount, text[first] != UInt8(ascii: "0") || point == first + 1
        else { return nil }
        for place in first..<text.byteCount where place != point {
            guard text[place] &- 48 < 10 else { return nil }
        }
        return NumberParser.plain(text)
    }
}
