import Bytes
import Records

/// A column of a source as it is merged.
enum ColumnSource {
    case vector(ColumnVector)
    /// One value a row, or one a row that has one.
    case typed(NativeValues, RowPresence?)
    /// Texts taken apart.
    case split(SplitColumn)
    /// The values of the few rows that have one.
    case sparse(ColumnVector, PresenceBits)

    static let missing = ColumnSource.vector(.missing)

    /// Of all rows. O(bytes).
    func vector(rows: Int) -> ColumnVector {
        switch self {
        case .vector(let vector): return vector
        case .split(let column): return .strings(column.texts())
        case .sparse(let dense, let presence):
            return SparseCodec.expand(dense, presence, present: presence.rank(of: rows))
        case .typed(let values, nil): return .strings(values.texts())
        case .typed(let values, let presence?):
            let texts = values.texts()
            var offsets: [UInt32] = [0]
            offsets.reserveCapacity(rows + 1)
            var next = 0
            for row in 0..<rows {
                next += presence.contains(row) ? 1 : 0
                offsets.append(texts.offsets[next])
            }
            return .strings(StringColumn(arena: texts.arena, offsets: offsets))
        }
    }

    /// Bytes of the texts of all rows, those of numbers estimated. O(rows).
    func byteCount(rows: Int) -> Int {
        switch self {
        case .vector(let vector): vector.byteCount(rows: rows)
        case .split(let column): column.byteCount
        case .sparse(let dense, let presence): dense.byteCount(rows: presence.rank(of: rows))
        case .typed(let values, _): values.memoryBytes
        }
    }

    /// Bytes of the text of a row, that of a number estimated.
    func length(_ row: Int) -> Int {
        switch self {
        case .vector(let vector): vector.length(row)
        case .split(let column): column.length(row)
        case .sparse(let dense, let presence): presence.contains(row) ? dense.length(presence.rank(of: row)) : 0
        case .typed(.digits(let values), _): values.digits
        case .typed: 8
        }
    }
}

/// Puts the values of one column together, where all of its sources hold values of one form: numbers, or hex digits of
/// one width and case. A source that shares distinct texts joins in if these are of the form.
struct TypedGathering {
    private var numbers: [Int64] = []
    private var fewest = 0
    private var most = 0
    private var binary: [UInt8] = []
    /// The form of hex digits; nil for numbers.
    private var hex: HexValues?
    /// For each row of the ranges, the place of its value.
    private var index: [UInt32] = []

    /// Nil where a source holds something else. `ranges` are the rows that are wanted of each. O(rows + values).
    init?(_ sources: [ColumnSource], _ ranges: [Range<Int>]) {
        guard let model = Self.model(sources) else { return nil }
        var parts: [TypedValues] = []
        index.reserveCapacity(ranges.reduce(0) { $0 + $1.count })
        var count = 0
        for (source, range) in zip(sources, ranges) {
            guard let part = Self.part(source, range, like: model, base: count, &index) else { return nil }
            parts.append(part)
            count += part.count
        }
        guard add(parts) else { return nil }
    }

    /// The rows at some places in the ranges. O(rows).
    func column(_ places: [UInt32]) -> TypedColumn {
        if let hex {
            let gathered = FixedKernels.gather(binary, stride: hex.stride, index: index, places: places)
            return TypedColumn(
                values: .hex(hex.replacingBinary(gathered.values)), bits: gathered.bits, rowCount: places.count)
        }
        let gathered = FixedKernels.gather(numbers, index: index, places: places)
        return TypedColumn(
            values: .numbers(gathered.values, fewest: fewest, most: most), bits: gathered.bits,
            rowCount: places.count)
    }

    // MARK: Sources

    /// The form that a source has by itself.
    private static func model(_ sources: [ColumnSource]) -> TypedValues? {
        for source in sources {
            switch source {
            case .typed(.digits(let values), _): return .hex(values)
            case .typed(.integers, _), .typed(.decimals, _): return .numbers([], fewest: 0, most: 0)
            case .typed, .split, .sparse: return nil
            case .vector: continue
            }
        }
        return nil
    }

    /// The values of one source; the place of each row's goes to `index`, counted from `base`.
    private static func part(
        _ source: ColumnSource, _ range: Range<Int>, like model: TypedValues, base: Int, _ index: inout [UInt32]
    ) -> TypedValues? {
        switch source {
        case .typed(let values, let presence): return part(values, presence, range, base: base, &index)
        case .vector(.constant(let value)):
            let place = value.isEmpty ? FixedKernels.none : UInt32(base)
            index.append(contentsOf: repeatElement(place, count: range.count))
            return value.isEmpty ? empty(model) : parse(StringColumn([value]), like: model)
        case .vector(.integers(let numbers)):
            return part(.integers(numbers), nil, range, base: base, &index)
        case .vector(.dictionary(let codes, let texts)):
            let missing = (0..<texts.count).first { texts.length($0) == 0 } ?? texts.count
            FixedKernels.append(Array(codes[range]), missing: UInt32(missing), base: base, to: &index)
            return parse(texts, like: model)
        // Texts that nobody could tell apart are of no form, or of several.
        case .vector(.strings), .split, .sparse: return nil
        }
    }

    private static func part(
        _ values: NativeValues, _ presence: RowPresence?, _ range: Range<Int>, base: Int, _ index: inout [UInt32]
    ) -> TypedValues? {
        let dense: Range<Int>
        if let presence {
            dense = presence.rankBefore(range.lowerBound)..<presence.rankBefore(range.upperBound)
            FixedKernels.append(presence.words, rows: range, base: base, to: &index)
        } else {
            dense = range
            index.append(contentsOf: UInt32(base)..<UInt32(base + range.count))
        }
        switch values {
        case .integers(let numbers): return .numbers(Array(numbers[dense]), fewest: 0, most: 0)
        case .decimals(let decimals):
            return .numbers(Array(decimals.scaled[dense]), fewest: decimals.fewest, most: decimals.most)
        case .digits(let values):
            let bytes = values.binary[(dense.lowerBound * values.stride)..<(dense.upperBound * values.stride)]
            return .hex(values.replacingBinary(Array(bytes)))
        case .texts, .addresses: return nil
        }
    }

    private static func empty(_ model: TypedValues) -> TypedValues {
        switch model {
        case .numbers: .numbers([], fewest: 0, most: 0)
        case .hex(let values): .hex(values.replacingBinary([]))
        }
    }

    /// The values of texts that are all of the form, the empty one left out; nil for others.
    private static func parse(_ texts: StringColumn, like model: TypedValues) -> TypedValues? {
        var slices: [RecordBatch.Slice] = []
        slices.reserveCapacity(texts.count)
        for row in 0..<texts.count where texts.length(row) > 0 {
            slices.append(.init(offset: texts.offsets[row], length: UInt32(texts.length(row))))
        }
        guard !slices.isEmpty else { return empty(model) }
        let arena = texts.arena.rawSpan
        switch model {
        case .hex(let form):
            return SliceKernels.decodeHex(
                slices.rawSpan, arena, digits: form.digits, upperCase: form.isUpperCase, dashes: form.hasDashes
            ).map { .hex(form.replacingBinary($0)) }
        case .numbers:
            if let numbers = SliceKernels.integers(slices.rawSpan, arena) {
                return .numbers(numbers, fewest: 0, most: 0)
            }
            return DecimalCodec.scaled(slices, arena).map {
                .numbers($0.numbers, fewest: $0.shape.fewest, most: $0.shape.most)
            }
        }
    }

    // MARK: Putting together

    /// False where the parts have no form in common.
    private mutating func add(_ parts: [TypedValues]) -> Bool {
        let shapes = parts.compactMap { part -> DecimalCodec.Shape? in
            guard case .numbers(let own, let fewest, let most) = part, !own.isEmpty else { return nil }
            return (fewest, most)
        }
        fewest = shapes.map(\.fewest).min() ?? 0
        most = shapes.map(\.most).max() ?? 0
        for part in parts {
            switch part {
            case .numbers(let own, let fewest, let most):
                guard add(own, fewest: fewest, most: most) else { return false }
            case .hex(let own):
                let form = hex ?? own.replacingBinary([])
                guard numbers.isEmpty, form.digits == own.digits, form.isUpperCase == own.isUpperCase,
                    form.hasDashes == own.hasDashes
                else { return false }
                hex = form
                binary += own.binary
            }
        }
        return true
    }

    private mutating func add(_ own: [Int64], fewest: Int, most: Int) -> Bool {
        guard hex == nil else { return false }
        // A value that ends in a zero where the column may leave zeros out would lose it.
        let forbidden = fewest > self.fewest ? powersOfTen[most - fewest + 1] : 0
        if own.isEmpty || (most == self.most && forbidden == 0) {
            numbers += own
            return true
        }
        let factor = powersOfTen[self.most - most]
        guard let scaled = FixedKernels.scaled(own, by: factor, forbidding: forbidden) else { return false }
        numbers += scaled
        return true
    }
}

extension RowPresence {
    /// How many rows before `row`, which may be the end, have a value. O(1).
    fileprivate func rankBefore(_ row: Int) -> Int { row == rowCount ? count : rank(of: row) }
}
