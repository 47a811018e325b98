import Bytes

/// Values of a column in the form that suits them.
public enum NativeValues: Sendable {
    case texts(StringColumn)
    /// Shown in their canonical decimal form.
    case integers([Int64])
    case decimals(ScaledDecimals)
    /// IPv4 addresses, first part highest.
    case addresses([UInt32])
    case digits(HexValues)

    public var count: Int {
        switch self {
        case .texts(let texts): texts.count
        case .integers(let numbers): numbers.count
        case .decimals(let decimals): decimals.scaled.count
        case .addresses(let addresses): addresses.count
        case .digits(let values): values.count
        }
    }

    public var memoryBytes: Int {
        switch self {
        case .texts(let texts): texts.arena.count + texts.offsets.count * 4
        case .integers(let numbers): numbers.count * 8
        case .decimals(let decimals): decimals.scaled.count * 8
        case .addresses(let addresses): addresses.count * 4
        case .digits(let values): values.binary.count
        }
    }

    /// Appends the text of a value. O(length).
    public func append(_ index: Int, to output: inout [UInt8]) {
        switch self {
        case .texts(let texts): output.append(copying: texts[index])
        case .integers(let numbers): DecimalText.append(numbers[index], to: &output)
        case .decimals(let decimals): decimals.append(index, to: &output)
        case .addresses(let addresses): AddressText.append(addresses[index], to: &output)
        case .digits(let values): values.append(index, to: &output)
        }
    }

    /// All values as texts, then one empty text if asked for. O(bytes).
    public func texts(andEmpty: Bool = false) -> StringColumn {
        var column: StringColumn
        switch self {
        case .texts(let texts): column = texts
        case .digits(let values): column = values.texts
        default:
            column = StringColumn()
            column.reserve(rows: count + 1, bytes: count * 12)
            var text: [UInt8] = []
            for index in 0..<count {
                text.removeAll(keepingCapacity: true)
                append(index, to: &text)
                column.append(text.rawSpan)
            }
        }
        if andEmpty { column.append([UInt8]().rawSpan) }
        return column
    }
}

/// Decimals as integers scaled by 10 to the power of `most`; shown with trailing zeros removed down to `fewest`
/// fraction digits.
public struct ScaledDecimals: Sendable {
    public let scaled: [Int64]
    public let fewest: Int
    public let most: Int

    /// 0 <= fewest <= most <= 18.
    public init(scaled: [Int64], fewest: Int, most: Int) {
        precondition(fewest >= 0 && fewest <= most && most <= 18)
        self.scaled = scaled
        self.fewest = fewest
        self.most = most
    }

    /// Appends the text of a value. O(digits).
    public func append(_ index: Int, to output: inout [UInt8]) {
        DecimalText.append(scaled: scaled[index], fewest: fewest, most: most, to: &output)
    }
}

/// Hex digits of one number and case, or UUIDs, as binary.
public struct HexValues: Sendable {
    /// `stride` bytes a value, one behind the other.
    public let binary: [UInt8]
    public let digits: Int
    public let isUpperCase: Bool
    /// Whether the digits stand as a UUID's, with four dashes; there are 32 then.
    public let hasDashes: Bool

    public init(binary: [UInt8], digits: Int, isUpperCase: Bool, hasDashes: Bool) {
        precondition(digits > 0 && (!hasDashes || digits == 32) && binary.count % ((digits + 1) / 2) == 0)
        self.binary = binary
        self.digits = digits
        self.isUpperCase = isUpperCase
        self.hasDashes = hasDashes
    }

    public var stride: Int { (digits + 1) / 2 }
    public var count: Int { binary.count / stride }

    /// Appends the text of a value. O(digits).
    public func append(_ index: Int, to output: inout [UInt8]) {
        let bytes = binary.rawSpan.slice(index * stride, stride)
        guard hasDashes else {
            return HexText.append(bytes, digits: digits, upperCase: isUpperCase, to: &output)
        }
        var at = 0
        for length in [4, 2, 2, 2, 6] {
            if at > 0 { output.append(UInt8(ascii: "-")) }
            HexText.append(bytes.slice(at, length), digits: length * 2, upperCase: isUpperCase, to: &output)
            at += length
        }
    }

    /// All values as texts. O(bytes).
    public var texts: StringColumn {
        let length = digits + (hasDashes ? 4 : 0)
        let arena = SliceKernels.encodeHex(
            binary.rawSpan, digits: digits, upperCase: isUpperCase, dashes: hasDashes)
        return StringColumn(arena: arena, offsets: (0...count).map { UInt32($0 * length) })
    }
}

/// IPv4 addresses as text.
public enum AddressText {
    /// Appends four decimal parts with dots. O(1).
    public static func append(_ address: UInt32, to output: inout [UInt8]) {
        for shift: UInt32 in [24, 16, 8, 0] {
            DecimalText.append(UInt64((address >> shift) & 0xFF), to: &output)
            if shift > 0 { output.append(UInt8(ascii: ".")) }
        }
    }
}
