import Bytes
import Records

/// Keys of many values side by side, with those of the values that comparing may need.
struct OrderKeyList {
    private struct Item {
        var prefix: UInt64
        /// Of a key that needs its value: where that begins in `values`.
        var detail: Int64
        var length: UInt32
        var kind: OrderKey.Kind
    }

    private var items: [Item] = []
    private var values: [UInt8] = []

    init() {}

    /// The keys of all values. O(bytes).
    init(_ column: StringColumn) {
        items.reserveCapacity(column.count)
        for index in 0..<column.count { append(OrderKey(column[index]), column[index]) }
    }

    var count: Int { items.count }
    /// Bytes held, roughly.
    var memoryBytes: Int { items.count * MemoryLayout<Item>.stride + values.count }

    /// A key, and the value that it was made of. O(length).
    mutating func append(_ key: OrderKey, _ value: RawSpan) {
        guard key.kind.needsValue else {
            items.append(Item(prefix: key.prefix, detail: key.exact, length: 0, kind: key.kind))
            return
        }
        let length = UInt32(value.byteCount)
        items.append(Item(prefix: key.prefix, detail: Int64(values.count), length: length, kind: key.kind))
        values.append(copying: value)
    }

    /// Keys of another list. O(their bytes).
    mutating func append(_ range: Range<Int>, of other: OrderKeyList) {
        for index in range { append(other.key(index), other.value(index)) }
    }

    /// The first 64 bits of a key, which decide where they differ.
    @inline(__always)
    func prefix(_ index: Int) -> UInt64 { items[index].prefix }

    func key(_ index: Int) -> OrderKey {
        let item = items[index]
        return OrderKey(prefix: item.prefix, exact: item.kind.needsValue ? 0 : item.detail, kind: item.kind)
    }

    /// The value of a key that needs it, else nothing.
    @_lifetime(borrow self)
    func value(_ index: Int) -> RawSpan {
        let item = items[index]
        return values.rawSpan.slice(item.kind.needsValue ? Int(item.detail) : 0, Int(item.length))
    }

    /// Negative, zero or positive.
    @inline(__always)
    func compare(_ left: Int, _ right: Int) -> Int {
        let (mine, other) = (items[left].prefix, items[right].prefix)
        if mine != other { return mine < other ? -1 : 1 }
        return OrderKey.compare(key(left), value(left), key(right), value(right))
    }
}

extension NaturalOrder {
    /// The places of distinct texts in natural order, of equal ones the shorter first. O(n log n) comparisons of keys
    /// that are made once.
    static func sorted(_ texts: StringColumn) -> [Int] {
        let keys = OrderKeyList(texts)
        return (0..<texts.count).sorted { left, right in
            let order = keys.compare(left, right)
            return order != 0 ? order < 0 : NaturalOrder.compareSpelling(texts[left], texts[right]) < 0
        }
    }
}
