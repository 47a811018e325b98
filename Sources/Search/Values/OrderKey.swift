import Bytes

/// What the order of values sees in one of them: made once, then compared without reading the value again, unless two
/// texts begin alike.
///
/// All values stand in one line, so that their order is the same whatever else is sorted with them:
/// 1. the empty value;
/// 2. whatever begins with a digit or is a number: by value, where a text counts by the digits that it begins with,
///    and a time by its year. Of those that are equal so, numbers come first, then times, then texts;
/// 3. other texts.
///
/// Numbers are plain ones, durations and sizes. Those of equal value are equal whatever their digits, times by the
/// moment; texts are compared as `NaturalOrder.compareTexts` does.
struct OrderKey: Sendable {
    enum Kind: UInt8, Sendable {
        /// An integer below those of 64 bits.
        case wideNegative
        case number
        /// An integer above those of 64 bits.
        case widePositive
        case time
        case text

        /// Whether comparing takes the value itself.
        @inline(__always)
        var needsValue: Bool { self == .text || self == .wideNegative || self == .widePositive }
    }

    /// The place in the line as far as 64 bits tell: the bits of a double, made to ascend; above all of them, the
    /// first bytes of a text.
    let prefix: UInt64
    /// Of numbers, as far as a double does not tell their value; of times, nanoseconds since 1970; else 0.
    let exact: Int64
    let kind: Kind

    init(prefix: UInt64, exact: Int64, kind: Kind) {
        self.prefix = prefix
        self.exact = exact
        self.kind = kind
    }

    init(integer: Int64) {
        self.init(prefix: Self.ascending(Double(integer)), exact: integer, kind: .number)
    }

    /// Nanoseconds since 1970.
    init(time: Int64) {
        // Years of equal length: only that later times have no smaller ones matters.
        let year = 1970 + Double(time) * (1 / 31_556_952e9)
        self.init(prefix: Self.ascending(year), exact: time, kind: .time)
    }

    /// O(length).
    init(_ value: RawSpan) {
        guard value.byteCount > 0 else {
            self.init(prefix: 0, exact: 0, kind: .text)
            return
        }
        if NumberGate.mayBeNumber(value) {
            if let integer = NumberParser.canonicalInteger(value) {
                self.init(integer: integer)
                return
            }
            if let number = NumberParser.number(value) {
                var exact = Int64(exactly: number) ?? (number < 0 ? .min : .max)
                var kind = Kind.number
                if Self.isInteger(value) { (exact, kind) = (0, number < 0 ? .wideNegative : .widePositive) }
                self.init(prefix: Self.ascending(number), exact: exact, kind: kind)
                return
            }
        } else if NumberGate.mayBeTime(value), let time = NumberParser.time(value) {
            self.init(time: time)
            return
        }
        self.init(prefix: Self.textPrefix(value), exact: 0, kind: .text)
    }

    /// Negative, zero or positive: two keys, each with the value that it was made of; that of a number below 64 bits
    /// or a time is not looked at. O(1), of texts O(length).
    @inline(__always)
    static func compare(_ left: OrderKey, _ leftValue: RawSpan, _ right: OrderKey, _ rightValue: RawSpan) -> Int {
        if left.prefix != right.prefix { return left.prefix < right.prefix ? -1 : 1 }
        return compareRest(left, leftValue, right, rightValue)
    }

    private static func compareRest(
        _ left: OrderKey, _ leftValue: RawSpan, _ right: OrderKey, _ rightValue: RawSpan
    ) -> Int {
        if left.kind != right.kind { return left.kind.rawValue < right.kind.rawValue ? -1 : 1 }
        switch left.kind {
        case .number, .time: return NaturalOrder.order(left.exact, right.exact)
        case .wideNegative, .widePositive:
            let order =
                leftValue.byteCount == rightValue.byteCount
                ? NaturalOrder.compareBytes(leftValue, rightValue)
                : NaturalOrder.order(leftValue.byteCount, rightValue.byteCount)
            return left.kind == .wideNegative ? -order : order
        case .text: return NaturalOrder.compareTexts(leftValue, rightValue)
        }
    }

    /// Whether the value is the empty one.
    var isEmpty: Bool { prefix == 0 }

    /// Whether a number is one of 64 bits without a fraction, which `exact` is then.
    var isInteger: Bool { prefix == Self.ascending(Double(exact)) }

    private static func ascending(_ number: Double) -> UInt64 {
        // Zero has no sign here.
        let bits = (number + 0).bitPattern
        return bits >> 63 == 0 ? bits | 1 << 63 : ~bits
    }

    /// Nothing but digits, maybe behind a minus, and no zero in front.
    private static func isInteger(_ value: RawSpan) -> Bool {
        let first = value[0] == UInt8(ascii: "-") ? 1 : 0
        guard first < value.byteCount, value[first] != UInt8(ascii: "0") else { return false }
        for at in first..<value.byteCount where value[at] &- 48 >= 10 { return false }
        return true
    }

    private static func textPrefix(_ value: RawSpan) -> UInt64 {
        guard value[0] &- 48 >= 10 else { return ascending(leadingDigits(value)) }
        // Above infinity, six bytes of the text up to a digit. Digits come before all other bytes, and the end before
        // digits: the bytes below them move up by two.
        var prefix: UInt64 = 0xFFF8
        var at = 0
        var isEnded = false
        for _ in 0..<6 {
            prefix <<= 8
            guard !isEnded, at < value.byteCount else { continue }
            let byte = value[at]
            isEnded = byte &- 48 < 10
            prefix |= isEnded ? 1 : UInt64(byte < 48 ? byte + 2 : byte)
            at += 1
        }
        return prefix
    }

    /// The number that the digits in front make.
    private static func leadingDigits(_ value: RawSpan) -> Double {
        var number: UInt64 = 0
        var at = 0
        while at < value.byteCount, value[at] &- 48 < 10 {
            if number < 100_000_000_000_000_000 { number = number * 10 + UInt64(value[at] &- 48) }
            at += 1
        }
        if number < 100_000_000_000_000_000 { return Double(number) }
        return Double(ByteString(value.slice(0, at)).string) ?? .infinity
    }
}

/// Tells most texts that are no numbers, or times, by a look at their bytes.
enum NumberGate {
    /// What may stand in a decimal, duration or size behind its first byte: 1, only behind an exponent's `e`: 2, a
    /// point: 3, nowhere: 0.
    private static let classes: [256 of UInt8] = {
        var classes = [256 of UInt8](repeating: 0)
        for byte in UInt8(ascii: "0")...UInt8(ascii: "9") { classes[Int(byte)] = 1 }
        for byte in "_eEBKMGTinsumhdwy".utf8 { classes[Int(byte)] = 1 }
        // Both forms of the micro sign.
        for byte in [0xC2, 0xB5, 0xCE, 0xBC] { classes[byte] = 1 }
        for byte in "+-".utf8 { classes[Int(byte)] = 2 }
        classes[Int(UInt8(ascii: "."))] = 3
        return classes
    }()

    /// False if the text, which is not empty, is certainly no number. O(length), and mostly a few bytes.
    static func mayBeNumber(_ text: RawSpan) -> Bool {
        let first = text[0]
        guard first &- 48 < 10 else {
            // `-`, `+`, `.`, `_`, and `i` of `inf`: rare enough to be read in full.
            return first == UInt8(ascii: "-") || first == UInt8(ascii: "+") || first == UInt8(ascii: ".")
                || first == UInt8(ascii: "_") || (first | 0x20 == UInt8(ascii: "i") && text.byteCount == 3)
        }
        var points = 0
        for at in 1..<text.byteCount {
            switch classes[Int(text[at])] {
            case 1:
                if text[at] > UInt8(ascii: "9"), text[at] != UInt8(ascii: "_") { points = 0 }
            case 2:
                guard text[at - 1] | 0x20 == UInt8(ascii: "e") else { return false }
            case 3:
                points += 1
                guard points == 1 else { return false }
            default:
                // `0x`, `0o`, `0b`.
                let letter = text[at] | 0x20
                return at == 1 && first == UInt8(ascii: "0")
                    && (letter == UInt8(ascii: "x") || letter == UInt8(ascii: "o") || letter == UInt8(ascii: "b"))
            }
        }
        return true
    }

    /// False if the text is certainly no time with date and seconds. O(1).
    @inline(__always)
    static func mayBeTime(_ text: RawSpan) -> Bool {
        text.byteCount >= 19 && text[4] == UInt8(ascii: "-") && text[7] == UInt8(ascii: "-") && text[0] &- 48 < 10
    }
}
