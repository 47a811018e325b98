import Bytes
import Records

/// Values that stand in blocks as numbers or binary digits, and are merged without becoming texts.
enum TypedValues {
    /// Scaled by ten to the power of `most`, shown without trailing zeros down to `fewest` fraction digits; integers
    /// where both are 0.
    case numbers([Int64], fewest: Int, most: Int)
    case hex(HexValues)

    /// Nil for texts that are not all of one form, and for digits so short that they may be something else. O(bytes).
    init?(_ slices: [RecordBatch.Slice], _ arena: RawSpan) {
        let first = arena.slice(Int(slices[0].offset), Int(slices[0].length))
        switch TextShape(first, fixedLength: true) {
        case .number:
            if let numbers = SliceKernels.integers(slices.rawSpan, arena) {
                self = .numbers(numbers, fewest: 0, most: 0)
            } else if let decimals = DecimalCodec.scaled(slices, arena) {
                self = .numbers(decimals.numbers, fewest: decimals.shape.fewest, most: decimals.shape.most)
            } else {
                return nil
            }
        case .hexadecimal where first.byteCount >= Self.fewestDigits && first.byteCount <= HexCodec.maximumDigits:
            self.init(slices, arena, digits: first.byteCount, dashes: false)
        case .uuid: self.init(slices, arena, digits: HexCodec.uuidDigits, dashes: true)
        default: return nil
        }
    }

    private init?(_ slices: [RecordBatch.Slice], _ arena: RawSpan, digits: Int, dashes: Bool) {
        for upperCase in [false, true] {
            let binary = SliceKernels.decodeHex(
                slices.rawSpan, arena, digits: digits, upperCase: upperCase, dashes: dashes)
            guard let binary else { continue }
            self = .hex(.init(binary: binary, digits: digits, isUpperCase: upperCase, hasDashes: dashes))
            return
        }
        return nil
    }

    /// Shorter digits may be something else.
    static let fewestDigits = 12

    /// The distinct values, where codes of them are likely to be smaller than the values. O(values).
    func worthwhileDictionary() -> FixedKernels.Dictionary? {
        let limit = min(Limits.dictionaryValues, count / 2)
        guard let dictionary = dictionary(limit: limit) else { return nil }
        let distinct = dictionary.firsts.count
        if distinct == 1 { return dictionary }
        let width = bitsPerValue
        let coded =
            Double(distinct) * width + Double(count) * CodeCodec.entropyBits(dictionary.counts, total: count)
        return coded < Double(count) * width ? dictionary : nil
    }

    var count: Int {
        switch self {
        case .numbers(let numbers, _, _): numbers.count
        case .hex(let values): values.count
        }
    }

    /// Bytes of the values as texts. O(values).
    var textBytes: Int {
        switch self {
        case .numbers(let numbers, let fewest, let most):
            FixedKernels.textBytes(numbers, fewest: fewest, most: most)
        case .hex(let values): values.count * (values.digits + (values.hasDashes ? 4 : 0))
        }
    }

    /// O(bytes).
    var texts: StringColumn {
        switch self {
        case .numbers(let numbers, 0, 0): ColumnVector.integers(numbers).texts(count: numbers.count)
        case .numbers(let numbers, let fewest, let most): DecimalCodec.texts(numbers, (fewest, most))
        case .hex(let values): values.texts
        }
    }

    /// Nil once there are more than `limit` distinct values, or nearly as many as values at the start. O(values).
    func dictionary(limit: Int) -> FixedKernels.Dictionary? {
        switch self {
        case .numbers(let numbers, _, _): FixedKernels.dictionary(numbers.numberBytes, stride: 8, limit: limit)
        case .hex(let values):
            FixedKernels.dictionary(values.binary.rawSpan, stride: values.stride, limit: limit)
        }
    }

    /// Some of the values, in the order of their places. O(places).
    func taking(_ places: [UInt32]) -> TypedValues {
        switch self {
        case .numbers(let numbers, let fewest, let most):
            return .numbers(CodeKernels.take(numbers, places), fewest: fewest, most: most)
        case .hex(let values):
            let rows = Array(0..<UInt32(places.count))
            let taken = FixedKernels.gather(values.binary, stride: values.stride, index: places, places: rows)
            return .hex(values.replacingBinary(taken.values))
        }
    }

    /// Bits that one value takes among its like, roughly.
    var bitsPerValue: Double {
        switch self {
        case .numbers(let numbers, _, _):
            guard !numbers.isEmpty else { return 0 }
            let plan = IntegerCodec.Plan(numbers)
            return min(plan.meanOffsetWidth, plan.meanDifferenceWidth, plan.meanSignedWidth) + 1
        case .hex(let values): return Double(values.digits * 4)
        }
    }
}

extension HexValues {
    /// Other values of the same form.
    func replacingBinary(_ binary: [UInt8]) -> HexValues {
        HexValues(binary: binary, digits: digits, isUpperCase: isUpperCase, hasDashes: hasDashes)
    }
}

/// A column of such values, of which some may be missing.
struct TypedColumn {
    /// Of the rows that have one, in their order.
    let values: TypedValues
    /// A bit a row, low bits first.
    let bits: [UInt8]
    let rowCount: Int

    var missing: Int { rowCount - values.count }

    /// Every row's value as text in the arena. O(bytes).
    func slices(in arena: inout [UInt8]) -> [RecordBatch.Slice] {
        Self.slices(values.texts, in: &arena, PresenceKernels.places(bits, rows: rowCount))
    }

    /// Texts that are laid in the arena, and for each row the place of its own, `FixedKernels.none` for none.
    private static func slices(
        _ texts: StringColumn, in arena: inout [UInt8], _ places: [UInt32]
    ) -> [RecordBatch.Slice] {
        precondition(arena.count + texts.arena.count <= UInt32.max, "a block of over 4 GiB")
        let base = UInt32(arena.count)
        arena.append(copying: texts.arena.rawSpan)
        return places.map { place in
            guard place != FixedKernels.none else { return .missing }
            let start = texts.offsets[Int(place)]
            return .init(offset: base + start, length: texts.offsets[Int(place) + 1] - start)
        }
    }

    /// As it is to be stored: with codes where values recur so much that these are smaller, as texts where the values
    /// are too few or too short to gain from their form. O(rows + bytes of the distinct values).
    func settled(in arena: inout [UInt8]) -> BlockRows.Values {
        guard values.count >= Self.fewest else { return .slices(slices(in: &arena)) }
        if case .hex(let hex) = values, hex.digits < TypedValues.fewestDigits {
            return .slices(slices(in: &arena))
        }
        guard let dictionary = values.worthwhileDictionary() else { return .typed(self) }
        return .coded(builder(dictionary, in: &arena))
    }

    /// Fewer values than this are too few to be worth a form of their own.
    static let fewest = 64

    private func builder(_ dictionary: FixedKernels.Dictionary, in arena: inout [UInt8]) -> DictionaryBuilder {
        let texts = values.taking(dictionary.firsts).texts
        var distinct = Self.slices(texts, in: &arena, Array(0..<UInt32(texts.count)))
        guard missing > 0 else {
            return DictionaryBuilder(values: distinct, codes: dictionary.codes, counts: dictionary.counts)
        }
        var codes = PresenceKernels.spread(
            codes: dictionary.codes, bits, rows: rowCount, missing: UInt32(distinct.count))
        distinct.append(.missing)
        let (order, counts) = CodeKernels.renumber(&codes, limit: distinct.count)
        return DictionaryBuilder(values: order.map { distinct[Int($0)] }, codes: codes, counts: counts)
    }
}
