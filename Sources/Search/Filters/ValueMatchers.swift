import Bytes
import Records

/// The empty value.
struct EmptyMatcher: ValueMatcher {
    func matches(_ value: RawSpan) -> Bool { value.byteCount == 0 }

    func narrow(_ rows: inout Bitmap, integers: [Int64]) -> Bool {
        rows = Bitmap(count: rows.count)
        return true
    }

    func narrow(_ rows: inout Bitmap, decimals: ScaledDecimals) -> Bool { narrow(&rows, integers: []) }
    func narrow(_ rows: inout Bitmap, addresses: [UInt32]) -> Bool { narrow(&rows, integers: []) }
}

/// Any value but the empty one.
struct PresentMatcher: ValueMatcher {
    func matches(_ value: RawSpan) -> Bool { value.byteCount > 0 }
    func narrow(_ rows: inout Bitmap, integers: [Int64]) -> Bool { true }
    func narrow(_ rows: inout Bitmap, decimals: ScaledDecimals) -> Bool { true }
    func narrow(_ rows: inout Bitmap, addresses: [UInt32]) -> Bool { true }
}

/// Exactly this value.
struct ExactMatcher: ValueMatcher {
    let value: ByteString
    private let number: Int64?
    private let words: [ByteString]

    init(_ value: ByteString) {
        self.value = value
        number = NumberParser.canonicalInteger(value.bytes.rawSpan)
        words = Words.list(value)
    }

    func matches(_ value: RawSpan) -> Bool { self.value.bytes.rawSpan.equals(value) }

    func narrow(_ rows: inout Bitmap, integers: [Int64]) -> Bool {
        if let number { rows.keep(ColumnScans.equal(integers, number)) } else { rows = Bitmap(count: rows.count) }
        return true
    }

    func narrow(_ rows: inout Bitmap, addresses: [UInt32]) -> Bool {
        guard let address = NumberParser.ipv4(value.bytes.rawSpan) else { return false }
        var canonical: [UInt8] = []
        AddressText.append(address, to: &canonical)
        if canonical == value.bytes {
            rows.keep(ColumnScans.equal(addresses, address))
        } else {
            rows = Bitmap(count: rows.count)
        }
        return true
    }

    func narrow(_ rows: inout Bitmap, texts: StringColumn) {
        let wanted = value.bytes.rawSpan
        let length = value.count
        rows.filter { texts.length($0) == length && texts[$0].equals(wanted) }
    }

    var needle: TemplateNeedle? { value.isEmpty ? nil : TemplateNeedle(text: value.bytes, decides: false) }

    func mayMatch(_ block: any ColumnBlock, field: ByteString) -> Bool {
        if value.isEmpty { return true }
        if let range = block.integerRange(of: field) {
            guard let number, range.contains(number) else { return false }
        }
        if IdentifierField.isNamedLikeOne(field), !block.mayContain(identifier: value) { return false }
        return words.allSatisfy { block.mayContain(word: $0, in: field) }
    }
}

/// Values that begin so.
struct ExactPrefixMatcher: ValueMatcher {
    let prefix: ByteString

    func matches(_ value: RawSpan) -> Bool {
        value.byteCount >= prefix.count && value.slice(0, prefix.count).equals(prefix.bytes.rawSpan)
    }

    var needle: TemplateNeedle? { prefix.isEmpty ? nil : TemplateNeedle(text: prefix.bytes, decides: false) }
}

/// One of these values.
struct SetMatcher: ValueMatcher {
    private let table: KeyTable
    private let numbers: Set<Int64>
    private let singles: [ExactMatcher]

    init(_ values: [ByteString]) {
        var table = KeyTable()
        var numbers: Set<Int64> = []
        for value in values {
            _ = table.insert(value.bytes.rawSpan)
            if let number = NumberParser.canonicalInteger(value.bytes.rawSpan) { numbers.insert(number) }
        }
        self.table = table
        self.numbers = numbers
        // Asking each block's filters for each value pays for short lists only.
        singles = values.count <= 16 ? values.map { ExactMatcher($0) } : []
    }

    func matches(_ value: RawSpan) -> Bool { table.number(of: value) != nil }

    func narrow(_ rows: inout Bitmap, integers: [Int64]) -> Bool {
        rows.filter { numbers.contains(integers[$0]) }
        return true
    }

    func mayMatch(_ block: any ColumnBlock, field: ByteString) -> Bool {
        if table.count == 0 { return false }
        return singles.isEmpty || singles.contains { $0.mayMatch(block, field: field) }
    }
}

/// Numbers within bounds; `anyNumeric` reads durations, sizes, addresses and times.
struct NumberMatcher: ValueMatcher {
    private let lower: Double
    private let includesLower: Bool
    private let upper: Double
    private let includesUpper: Bool

    /// An infinite bound is always included.
    init(lower: Double, includesLower: Bool, upper: Double, includesUpper: Bool) {
        self.lower = lower
        self.includesLower = includesLower || lower == .infinity
        self.upper = upper
        self.includesUpper = includesUpper || upper == -.infinity
    }

    @inline(__always)
    private func contains(_ value: Double) -> Bool {
        (includesLower ? value >= lower : value > lower) && (includesUpper ? value <= upper : value < upper)
    }

    func matches(_ value: RawSpan) -> Bool { NumberParser.anyNumeric(value).map(contains) ?? false }

    func narrow(_ rows: inout Bitmap, integers: [Int64]) -> Bool {
        rows.filter { contains(Double(integers[$0])) }
        return true
    }

    func narrow(_ rows: inout Bitmap, decimals: ScaledDecimals) -> Bool {
        guard let numbers = decimals.numbers else { return false }
        rows.filter { contains(numbers[$0]) }
        return true
    }

    func narrow(_ rows: inout Bitmap, addresses: [UInt32]) -> Bool {
        rows.filter { contains(Double(addresses[$0])) }
        return true
    }

    func mayMatch(_ block: any ColumnBlock, field: ByteString) -> Bool {
        guard let range = block.integerRange(of: field) else { return true }
        return Double(range.lowerBound) <= upper && Double(range.upperBound) >= lower
    }
}

/// Texts between bounds in byte order. The empty value stands for a missing one and is in no range that has a lower
/// bound.
struct TextRangeMatcher: ValueMatcher {
    let lower: ByteString?
    let includesLower: Bool
    let upper: ByteString?
    let includesUpper: Bool

    func matches(_ value: RawSpan) -> Bool {
        if let lower {
            let order = NaturalOrder.compareBytes(value, lower.bytes.rawSpan)
            if order < 0 || (order == 0 && !includesLower) { return false }
        }
        if let upper {
            let order = NaturalOrder.compareBytes(value, upper.bytes.rawSpan)
            if order > 0 || (order == 0 && !includesUpper) { return false }
        }
        return true
    }
}

/// IPv4 addresses within bounds, both included.
struct IPv4Matcher: ValueMatcher {
    let lower: UInt32
    let upper: UInt32

    func matches(_ value: RawSpan) -> Bool {
        NumberParser.ipv4(value).map { $0 >= lower && $0 <= upper } ?? false
    }

    func narrow(_ rows: inout Bitmap, addresses: [UInt32]) -> Bool {
        rows.filter { addresses[$0] >= lower && addresses[$0] <= upper }
        return true
    }

    func narrow(_ rows: inout Bitmap, integers: [Int64]) -> Bool {
        rows = Bitmap(count: rows.count)
        return true
    }
}

/// Values of so many characters, both ends included.
struct LengthMatcher: ValueMatcher {
    let lower: UInt64
    let upper: UInt64

    func matches(_ value: RawSpan) -> Bool {
        let bytes = UInt64(value.byteCount)
        if bytes < lower { return false }
        var characters: UInt64 = 0
        for index in 0..<value.byteCount where value[index] & 0xC0 != 0x80 { characters += 1 }
        return characters >= lower && characters <= upper
    }
}
