import Bytes
import Records

/// Looks in samples for the columns that a column repeats.
struct RepetitionSearch {
    /// Samples that a column must have, and distinct values among those of one that is repeated.
    private static let fewestSamples = 8
    private static let fewestDistinct = 3
    /// One sample in this many may differ.
    private static let samplesPerMiss = 16
    /// A value shorter than this must stand by itself in the text that holds it.
    private static let shortValue = 6
    /// Columns that are tried as a further part of a column.
    private static let triedParts = 6

    let samples: ColumnSamples
    /// The columns that may be repeated.
    let others: [Int]

    /// The columns whose values a column's hold, in their order, and whether they are all that it holds; nil for none.
    /// `isWhole` true: only one that is equal counts. O(samples × columns) for most columns.
    func find(_ position: Int, isWhole: Bool, without excluded: Set<Int>) -> (others: [Int], isEqual: Bool)? {
        let own = samples.values[position]
        let present = own.indices.filter { own[$0].length > 0 }
        guard present.count >= Self.fewestSamples, distinct(own) >= Self.fewestDistinct else { return nil }
        var parts: [(other: Int, bytes: Int)] = []
        for other in others where other != position && !excluded.contains(other) {
            let values = samples.values[other]
            guard !values.isEmpty else { continue }
            if agree(present, { isEqual(values[$0], own[$0]) }) { return ([other], true) }
            guard !isWhole, agree(present, { find(values[$0], in: range(own[$0])) != nil }) else { continue }
            guard distinct(present.map { values[$0] }) >= Self.fewestDistinct else { continue }
            parts.append((other, present.reduce(0) { $0 + Int(values[$1].length) }))
        }
        parts.sort { ($1.bytes, $0.other) < ($0.bytes, $1.other) }
        return parts.isEmpty ? nil : (order(parts.prefix(Self.triedParts).map(\.other), own, present), false)
    }

    /// The parts in the order in which they stand in the texts, the longest first tried; those that overlap left out.
    private func order(_ parts: [Int], _ own: [RecordBatch.Slice], _ present: [Int]) -> [Int] {
        var found = [parts[0]]
        for part in parts.dropFirst() where found.count < RepeatedCodec.referencesLimit {
            for place in 0...found.count {
                var tried = found
                tried.insert(part, at: place)
                if agree(present, { stand(tried, own[$0], sample: $0) }) {
                    found = tried
                    break
                }
            }
        }
        return found
    }

    /// Whether values stand in a text one behind the other.
    private func stand(_ parts: [Int], _ text: RecordBatch.Slice, sample: Int) -> Bool {
        var rest = range(text)
        for part in parts {
            guard let end = find(samples.values[part][sample], in: rest) else { return false }
            rest = end..<rest.upperBound
        }
        return true
    }

    /// Whether something is true of nearly all samples.
    private func agree(_ present: [Int], _ isTrue: (Int) -> Bool) -> Bool {
        var misses = 0
        for sample in present where !isTrue(sample) {
            misses += 1
            if misses * Self.samplesPerMiss > present.count { return false }
        }
        return true
    }

    private func distinct(_ values: [RecordBatch.Slice]) -> Int {
        Set(values.map { hash64(samples.arena.rawSpan.slice(Int($0.offset), Int($0.length))) }).count
    }

    private func isEqual(_ value: RecordBatch.Slice, _ other: RecordBatch.Slice) -> Bool {
        let arena = samples.arena.rawSpan
        return value.length == other.length
            && arena.slice(Int(value.offset), Int(value.length))
                .equals(arena.slice(Int(other.offset), Int(other.length)))
    }

    private func range(_ text: RecordBatch.Slice) -> Range<Int> {
        Int(text.offset)..<(Int(text.offset) + Int(text.length))
    }

    /// Where a value that stands in a part of a text ends.
    private func find(_ value: RecordBatch.Slice, in range: Range<Int>) -> Int? {
        guard value.length > 0, Int(value.length) <= range.count else { return nil }
        let arena = samples.arena.rawSpan
        let text = arena.slice(range.lowerBound, range.count)
        guard let start = firstRange(of: arena.slice(Int(value.offset), Int(value.length)), in: text) else {
            return nil
        }
        let end = start + Int(value.length)
        if value.length < Self.shortValue {
            if start > 0, WordCollector.isWordByte(text[start - 1]) { return nil }
            if end < text.byteCount, WordCollector.isWordByte(text[end]) { return nil }
        }
        return range.lowerBound + end
    }
}
