import Bytes
import QueryLanguage
import Records

/// `count_uniq(f)` of one field over all rows, exact: identifiers, integers and addresses as binary, whichever form
/// their block holds them in, and everything else as text.
final class SoleUniqueCountStats: StatsAccumulator {
    private let field: ByteString
    private let budget: QueryBudget
    /// 32 hex digits in lower case.
    private var identifiers = DistinctKeys()
    private var integers = DistinctKeys()
    private var addresses = DistinctKeys()
    private var texts = KeyTable()

    init(field: ByteString, budget: QueryBudget) {
        self.field = field
        self.budget = budget
    }

    var memoryBytes: Int {
        identifiers.memoryBytes + integers.memoryBytes + addresses.memoryBytes + texts.memoryBytes
    }

    func grow(to groups: Int) {}

    func add(_ chunk: Chunk, rows: Bitmap, groups: GroupNumbers) throws {
        guard !rows.isEmpty else { return }
        guard let native = try chunk.native(field) else { return add(try chunk.column(field), rows) }
        switch native {
        case .constant(let value): addTexts(StringColumn([value]), nil)
        case .coded(let codes, let values, _):
            // Every value of a dictionary stands in some row.
            add(values, rows.isFull ? nil : Self.used(codes, rows, count: values.count))
        case .plain(let values, nil): add(values, rows.isFull ? nil : rows)
        case .plain(let values, let presence?):
            add(values, rows.isFull ? nil : Self.selected(presence, rows))
        }
    }

    private func add(_ column: Column, _ rows: Bitmap) {
        switch column {
        case .constant(let value): addTexts(StringColumn([value]), nil)
        case .dictionary(let codes, let values):
            addTexts(values, Self.used(.wide(codes), rows, count: values.count))
        case .integers(let numbers): add(.integers(numbers), rows)
        case .strings(let texts): addTexts(texts, rows)
        case .times:
            var one = StringColumn()
            column.forEach(rows) { _, value in one.append(value) }
            addTexts(one, nil)
        }
    }

    private static func used(_ codes: NativeCodes, _ rows: Bitmap, count: Int) -> Bitmap {
        // One more for the code that means none.
        var used = Bitmap(count: count + 1)
        rows.visit { used.insert(codes[$0]) }
        used.remove(count)
        return used
    }

    /// Which of the present values stand in selected rows.
    private static func selected(_ presence: RowPresence, _ rows: Bitmap) -> Bitmap {
        var selected = Bitmap(count: presence.count)
        for word in presence.words.indices {
            var both = presence.words[word] & rows.words[word]
            while both != 0 {
                let row = word << 6 | both.trailingZeroBitCount
                selected.insert(presence.rank(of: row))
                both &= both &- 1
            }
        }
        return selected
    }

    /// Adds the values, or those of them that are selected; bits behind the last are not set.
    private func add(_ values: NativeValues, _ selected: Bitmap?) {
        let all = selected ?? Bitmap(count: values.count, full: true)
        var words: [UInt64] = []
        words.reserveCapacity(values.count * 2)
        switch values {
        case .digits(let hex) where hex.digits == 32 && !hex.isUpperCase && !hex.hasDashes:
            let binary = hex.binary.rawSpan
            all.visit { index in
                words.append(binary.loadUInt64(at: index * 16))
                words.append(binary.loadUInt64(at: index * 16 + 8))
            }
            identifiers.add(words)
        case .integers(let numbers):
            all.visit { words += [UInt64(bitPattern: numbers[$0]), 0] }
            integers.add(words)
        case .addresses(let numbers):
            all.visit { words += [UInt64(numbers[$0]), 0] }
            addresses.add(words)
        default: addTexts(values.texts(), selected)
        }
    }

    /// Adds texts; those that other blocks may hold as binary are turned into it.
    private func addTexts(_ values: StringColumn, _ selected: Bitmap?) {
        var found: (identifiers: [UInt64], integers: [UInt64], addresses: [UInt64]) = ([], [], [])
        var binary: [UInt8] = []
        (selected ?? Bitmap(count: values.count, full: true)).visit { index in
            let value = values[index]
            binary.removeAll(keepingCapacity: true)
            if value.byteCount == 0 { return }
            if value.byteCount == 32, HexText.decode(value, upperCase: false, to: &binary) {
                found.identifiers += [binary.rawSpan.loadUInt64(at: 0), binary.rawSpan.loadUInt64(at: 8)]
            } else if let number = DecimalText.canonicalInteger(value) {
                found.integers += [UInt64(bitPattern: number), 0]
            } else if let address = CanonicalAddress.parse(value) {
                found.addresses += [UInt64(address), 0]
            } else {
                _ = texts.insert(value)
            }
        }
        identifiers.add(found.identifiers)
        integers.add(found.integers)
        addresses.add(found.addresses)
    }

    func merge(_ other: any StatsAccumulator, map: [Int]) {
        guard let other = other as? SoleUniqueCountStats else { return }
        identifiers.merge(other.identifiers)
        integers.merge(other.integers)
        addresses.merge(other.addresses)
        let keys = other.texts.keys
        for index in 0..<keys.count { _ = texts.insert(keys[index]) }
    }

    func appendResult(of group: Int, to output: inout [UInt8]) {
        let count = identifiers.count(budget) + integers.count(budget) + addresses.count(budget) + texts.count
        NumberText.append(Int64(count), to: &output)
    }
}

/// IPv4 addresses whose text is the one that their number prints as.
enum CanonicalAddress {
    static func parse(_ text: RawSpan) -> UInt32? {
        guard text.byteCount >= 7, text.byteCount <= 15, let address = NumberParser.ipv4(text) else { return nil }
        var printed: [UInt8] = []
        AddressText.append(address, to: &printed)
        return printed.rawSpan.equals(text) ? address : nil
    }
}
