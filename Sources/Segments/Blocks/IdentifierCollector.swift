import Bytes
import Records
import Traces

/// The identifiers of a block, as keys, while it is encoded. Some may come more than once.
struct IdentifierCollector {
    private var hasher = IdentifierHasher()
    private(set) var keys: [UInt64] = []
    /// Those of columns whose values are all short ones.
    private(set) var shortKeys: [UInt64] = []

    /// Adds what a column holds, given what encoding it found out.
    mutating func add(_ values: BlockRows.Values, _ statistics: ColumnStatistics, _ arena: RawSpan) {
        let start = keys.count
        switch values {
        case .coded(let coded): add(coded.values, arena)
        case .slices(let slices): add(statistics.distinctSlices ?? slices, arena)
        case .sparse(let sparse): add(statistics.distinctSlices ?? sparse.slices, arena)
        case .typed(let typed): add(typed.values)
        case .parts(let parts):
            var texts: [UInt8] = []
            texts.append(copying: arena)
            let slices = parts.slices(in: &texts)
            add(slices, texts.rawSpan)
        }
        guard (1...IdentifierKey.shortDigits).contains(statistics.hexDigits) else { return }
        shortKeys += keys[start...]
        keys.removeLast(keys.count - start)
    }

    private mutating func add(_ slices: [RecordBatch.Slice], _ arena: RawSpan) {
        var row = 0
        while row < slices.count {
            let rest = slices.rawSpan.slice(8 * row, 8 * (slices.count - row))
            let found = SliceKernels.identifierKeys(rest, arena)
            keys.append(contentsOf: found.keys)
            row += found.rows
            guard row < slices.count else { return }
            keys.append(hasher.key(arena.slice(Int(slices[row].offset), Int(slices[row].length))))
            row += 1
        }
    }

    private mutating func add(_ values: TypedValues) {
        switch values {
        case .hex(let hex):
            keys.append(contentsOf: FixedKernels.identifierKeys(hex.binary.rawSpan, digits: hex.digits))
        case .numbers(let numbers, let fewest, let most):
            var text: [UInt8] = []
            for number in numbers {
                text.removeAll(keepingCapacity: true)
                DecimalText.append(scaled: number, fewest: fewest, most: most, to: &text)
                keys.append(hasher.key(text.rawSpan))
            }
        }
    }

    /// Appends the filter over the keys; nil without keys.
    func writeFilter(to writer: inout ByteWriter) -> BlockSection? {
        let all = keys + shortKeys
        guard !all.isEmpty else { return nil }
        let start = writer.count
        BlockedBloom.write(all, to: &writer)
        let length = writer.count - start
        return BlockSection(offset: start, length: length, checksum: crc32c(writer.bytes.rawSpan.slice(start, length)))
    }
}
