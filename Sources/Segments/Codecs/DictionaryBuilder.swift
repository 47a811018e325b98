import Bytes
import Records

/// The distinct values of a column in the order of their first appearance, and each row's code.
struct DictionaryBuilder {
    /// One slice a distinct value: where it stands first.
    let values: [RecordBatch.Slice]
    let codes: [UInt32]
    /// How often each value stands in the column.
    let counts: [UInt32]

    /// Nil once the column has too many distinct values to gain from a dictionary. O(rows + bytes).
    init?(_ slices: [RecordBatch.Slice], _ arena: RawSpan, limit: Int) {
        guard let dictionary = SliceKernels.dictionary(slices.rawSpan, arena, limit: limit) else { return nil }
        values = dictionary.firstRows.map { slices[Int($0)] }
        codes = dictionary.codes
        counts = dictionary.counts
    }

    init(values: [RecordBatch.Slice], codes: [UInt32], counts: [UInt32]) {
        self.values = values
        self.codes = codes
        self.counts = counts
    }

    /// Bytes of all rows' values. O(distinct values).
    var byteCount: Int {
        var sum = 0
        for code in values.indices { sum += Int(values[code].length) * Int(counts[code]) }
        return sum
    }

    /// The rows that have another value than one, in their order. O(rows).
    func removing(_ code: UInt32) -> DictionaryBuilder {
        var values = values
        var counts = counts
        values.remove(at: Int(code))
        counts.remove(at: Int(code))
        let rest = counts.reduce(0) { $0 + Int($1) }
        return DictionaryBuilder(
            values: values, codes: PresenceKernels.codes(codes, without: code, count: rest), counts: counts)
    }

    /// Every row's value. O(rows).
    var slices: [RecordBatch.Slice] { CodeKernels.take(values, codes) }
}
