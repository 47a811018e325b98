import Bytes
import Records

/// The distinct values of a column in the order of their first appearance, and each row's code.
struct DictionaryBuilder {
    /// One slice a distinct value: where it stands first.
    let values: [RecordBatch.Slice]
    let codes: [UInt32]
    /// How often each value stands in the column.
    let counts: [UInt32]

    /// Nil once the column has too many distinct values to gain from a dictionary. O(rows + bytes), O(1) where the
    /// coding is known.
    init?(
        _ slices: [RecordBatch.Slice], _ arena: RawSpan, coding: RecordBatch.ColumnCoding? = nil, limit: Int
    ) {
        if let coding {
            guard coding.values.count <= limit else { return nil }
            values = coding.values
            codes = coding.codes
            counts = coding.counts
            return
        }
        guard let dictionary = SliceKernels.dictionary(slices.rawSpan, arena, limit: limit) else { return nil }
        values = dictionary.firstRows.map { slices[Int($0)] }
        codes = dictionary.codes
        counts = dictionary.counts
    }
}
