/// Which fields a row has besides the columns of its block.
public enum RowShape: Sendable, Equatable {
    /// Stored records: every row shows `_time`, and `_stream` and `_stream_id` made from the default stream fields
    /// where the block does not hold them.
    case records
    /// Field sets as they came (files, standard input): nothing is added. `_time` is shown if the block has such a
    /// column.
    case fieldSets
}
