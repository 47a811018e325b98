import Bytes
import QueryLanguage
import Records

/// `json_values(f…) sort by (…) limit n`: the rows of a group as a JSON array of texts, each a JSON object with its
/// fields in order of their names.
final class JSONValuesStats: StatsAccumulator {
    private struct Item {
        var place: UInt64
        var keys: [(OrderKey, ByteString)]
        var text: [UInt8]
    }

    private let fields: [FieldPattern]
    private let sort: [SortKey]
    /// 0 is none.
    private let limit: Int
    private var items: [[Item]] = []
    private var bytes = 0

    init(fields: [FieldPattern], sort: [SortKey], limit: UInt64) {
        self.fields = fields
        self.sort = sort
        self.limit = Int(clamping: limit)
    }

    var memoryBytes: Int { bytes }

    func grow(to groups: Int) {
        if groups > items.count { items.append(contentsOf: repeatElement([], count: groups - items.count)) }
    }

    func add(_ chunk: Chunk, rows: Bitmap, groups: GroupNumbers) throws {
        let columns = try StatsFields.names(fields, in: chunk).sorted().map { ($0, try chunk.column($0)) }
        let keys = try sort.map { try chunk.column($0.field) }
        let base = UInt64(chunk.sequence) << 32
        groups.forEach(rows) { row, group in
            if limit > 0, sort.isEmpty, items[group].count >= limit { return }
            var text: [UInt8] = []
            RowJSON.append(row, columns, to: &text)
            bytes += text.count + 64
            let order = keys.map { column in
                let value = column.value(row)
                return (OrderKey(value.bytes.rawSpan), value)
            }
            items[group].append(Item(place: base | UInt64(row), keys: order, text: text))
            if limit > 0, items[group].count > 1_000, (items[group].count - 1_000) / 2 > limit { trim(group) }
        }
    }

    private func trim(_ group: Int) {
        items[group].sort(by: isBefore)
        if limit > 0, items[group].count > limit {
            for item in items[group][limit...] { bytes -= item.text.count + 64 }
            items[group].removeLast(items[group].count - limit)
        }
    }

    private func isBefore(_ left: Item, _ right: Item) -> Bool {
        for (index, key) in sort.enumerated() {
            let (leftKey, leftValue) = left.keys[index]
            let (rightKey, rightValue) = right.keys[index]
            let order = OrderKey.compare(leftKey, leftValue.bytes.rawSpan, rightKey, rightValue.bytes.rawSpan)
            if order != 0 { return (order < 0) != key.isDescending }
        }
        return left.place < right.place
    }

    func merge(_ other: any StatsAccumulator, map: [Int]) {
        guard let other = other as? JSONValuesStats else { return }
        for (group, theirs) in other.items.enumerated() { items[map[group]] += theirs }
        bytes += other.bytes
    }

    func appendResult(of group: Int, to output: inout [UInt8]) {
        let sorted = items[group].sorted(by: isBefore).prefix(limit > 0 ? limit : .max)
        output.append(UInt8(ascii: "["))
        for (position, item) in sorted.enumerated() {
            if position > 0 { output.append(UInt8(ascii: ",")) }
            JSONText.appendPageSafeString(item.text.rawSpan, to: &output)
        }
        output.append(UInt8(ascii: "]"))
    }
}
