import Bytes
import Records

/// Texts, each once, and how often it occurred.
struct TextCounts {
    private var table = KeyTable()
    private var counts: [Int] = []
    private(set) var total = 0

    /// Whether the text is a new one. O(length) amortised.
    @discardableResult
    mutating func add(_ text: RawSpan, _ count: Int) -> Bool {
        let (number, isNew) = table.insert(text)
        if isNew { counts.append(0) }
        counts[number] += count
        total += count
        return isNew
    }

    mutating func merge(_ other: TextCounts) {
        for (number, count) in other.counts.enumerated() { add(other.table.keys[number], count) }
    }

    /// The text that comes at `place` when all are put in natural order, from 0; those before `place` only as often as
    /// they occurred. O(distinct texts · log).
    func text(at place: Int) -> ByteString? {
        var left = place
        for number in NaturalOrder.sorted(table.keys) {
            left -= counts[number]
            if left < 0 { return table.keys.value(number) }
        }
        return nil
    }
}
