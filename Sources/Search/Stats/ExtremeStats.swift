import Bytes
import QueryLanguage
import Records

/// `min`, `max`: the smallest or largest value in natural order, printed as it came; of values that are equal in it,
/// the shortest or longest. The empty value, which rows without the field have, is the smallest of all; fields that a
/// prefix finds count where they have a value.
final class ExtremeStats: StatsAccumulator {
    private enum Best {
        case none
        case integer(Int64)
        /// Nanoseconds since 1970.
        case time(Int64)
        case text(OrderKey, ByteString)
    }

    private let fields: [FieldPattern]
    private let wantsLargest: Bool
    private var bests: [Best] = []
    private var textBytes = 0
    private var takesEmpty = false

    init(largest: Bool, fields: [FieldPattern]) {
        wantsLargest = largest
        self.fields = fields
    }

    var memoryBytes: Int { bests.count * MemoryLayout<Best>.stride + textBytes }

    func grow(to groups: Int) {
        if groups > bests.count { bests.append(contentsOf: repeatElement(.none, count: groups - bests.count)) }
    }

    func add(_ chunk: Chunk, rows: Bitmap, groups: GroupNumbers) throws {
        for name in StatsFields.names(fields, in: chunk) {
            // The largest value is the empty one only if there is no other.
            takesEmpty = !wantsLargest && StatsFields.isNamed(name, by: fields)
            switch try chunk.column(name) {
            case .integers(let numbers): groups.forEach(rows) { row, group in take(numbers[row], in: group) }
            case .times(let times): groups.forEach(rows) { row, group in take(time: times[row], in: group) }
            case .dictionary(let codes, let values): add(codes, values, rows: rows, groups: groups)
            case .constant(let value):
                if takesEmpty || !value.isEmpty {
                    groups.forEach(rows) { _, group in take(value.bytes.rawSpan, in: group) }
                }
            case let column:
                column.forEach(rows) { row, value in take(value, in: groups.group(row)) }
            }
        }
    }

    /// Each pair of group and code is looked at once.
    private func add(_ codes: [UInt32], _ values: StringColumn, rows: Bitmap, groups: GroupNumbers) {
        guard bests.count * values.count <= 1 << 20 else {
            return groups.forEach(rows) { row, group in take(values[Int(codes[row])], in: group) }
        }
        var seen = Bitmap(count: bests.count * values.count)
        groups.forEach(rows) { row, group in seen.insert(group &* values.count &+ Int(codes[row])) }
        seen.visit { take(values[$0 % values.count], in: $0 / values.count) }
    }

    @inline(__always)
    private func take(_ number: Int64, in group: Int) {
        if case .integer(let best) = bests[group] {
            if wantsLargest ? number > best : number < best { bests[group] = .integer(number) }
        } else if case .none = bests[group] {
            bests[group] = .integer(number)
        } else {
            take(NumberText.text(Int(number)).bytes.rawSpan, in: group)
        }
    }

    @inline(__always)
    private func take(time: Int64, in group: Int) {
        if case .time(let best) = bests[group] {
            if wantsLargest ? time > best : time < best { bests[group] = .time(time) }
        } else if case .none = bests[group] {
            bests[group] = .time(time)
        } else {
            take(NumberText.time(time).bytes.rawSpan, in: group)
        }
    }

    private func take(_ value: RawSpan, in group: Int) {
        guard takesEmpty || value.byteCount > 0 else { return }
        let key = OrderKey(value)
        switch bests[group] {
        case .none: break
        case .integer(let number):
            let best = NumberText.text(Int(number))
            guard isBetter(key, value, OrderKey(integer: number), best.bytes.rawSpan) else { return }
        case .time(let time):
            let best = NumberText.time(time)
            guard isBetter(key, value, OrderKey(time: time), best.bytes.rawSpan) else { return }
        case .text(let best, let text):
            guard isBetter(key, value, best, text.bytes.rawSpan) else { return }
        }
        set(key, ByteString(value), in: group)
    }

    private func isBetter(_ key: OrderKey, _ value: RawSpan, _ best: OrderKey, _ bestValue: RawSpan) -> Bool {
        var order = OrderKey.compare(key, value, best, bestValue)
        if order == 0 { order = NaturalOrder.compareSpelling(value, bestValue) }
        return wantsLargest ? order > 0 : order < 0
    }

    private func set(_ key: OrderKey, _ value: ByteString, in group: Int) {
        if case .text(_, let old) = bests[group] { textBytes -= old.count }
        textBytes += value.count
        bests[group] = .text(key, value)
    }

    func merge(_ other: any StatsAccumulator, map: [Int]) {
        guard let other = other as? ExtremeStats else { return }
        takesEmpty = !wantsLargest
        for (group, best) in other.bests.enumerated() {
            switch best {
            case .none: break
            case .integer(let number): take(number, in: map[group])
            case .time(let time): take(time: time, in: map[group])
            case .text(_, let text): take(text.bytes.rawSpan, in: map[group])
            }
        }
    }

    func appendResult(of group: Int, to output: inout [UInt8]) {
        switch bests[group] {
        case .none: break
        case .integer(let number): NumberText.append(number, to: &output)
        case .time(let time): Timestamp(nanoseconds: time).appendRFC3339(to: &output)
        case .text(_, let text): output.append(contentsOf: text.bytes)
        }
    }
}
