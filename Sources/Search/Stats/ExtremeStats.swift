import Bytes
import QueryLanguage
import Records

/// `min`, `max`: the smallest or largest value in natural order, printed as it came. The empty value, which rows
/// without the field have, is the smallest of all; fields that a prefix finds count where they have a value.
final class ExtremeStats: StatsAccumulator {
    private enum Best {
        case none
        case integer(Int64)
        case text(ByteString)
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

    private func take(_ value: RawSpan, in group: Int) {
        guard takesEmpty || value.byteCount > 0 else { return }
        switch bests[group] {
        case .none: set(ByteString(value), in: group)
        case .integer(let number):
            if isBetter(value, NumberText.text(Int(number)).bytes.rawSpan) { set(ByteString(value), in: group) }
        case .text(let best):
            if isBetter(value, best.bytes.rawSpan) { set(ByteString(value), in: group) }
        }
    }

    private func isBetter(_ value: RawSpan, _ best: RawSpan) -> Bool {
        let order = NaturalOrder.compare(value, best)
        return wantsLargest ? order > 0 : order < 0
    }

    private func set(_ value: ByteString, in group: Int) {
        if case .text(let old) = bests[group] { textBytes -= old.count }
        textBytes += value.count
        bests[group] = .text(value)
    }

    func merge(_ other: any StatsAccumulator, map: [Int]) {
        guard let other = other as? ExtremeStats else { return }
        takesEmpty = !wantsLargest
        for (group, best) in other.bests.enumerated() {
            switch best {
            case .none: break
            case .integer(let number): take(number, in: map[group])
            case .text(let text): take(text.bytes.rawSpan, in: map[group])
            }
        }
    }

    func appendResult(of group: Int, to output: inout [UInt8]) {
        switch bests[group] {
        case .none: break
        case .integer(let number): NumberText.append(number, to: &output)
        case .text(let text): output.append(contentsOf: text.bytes)
        }
    }
}
