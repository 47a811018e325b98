import Bytes

/// How the values of a column are laid down. Raw values are on disk and never change.
public enum ColumnEncoding: UInt8, Sendable, CaseIterable {
    /// One value for all rows.
    case constant = 0
    /// Distinct values, and a code a row.
    case dictionary = 1
    /// 64-bit integers in canonical decimal form.
    case integers = 2
    /// Decimals as scaled integers.
    case decimals = 3
    /// Hex digits of one width and case, as binary.
    case hexadecimal = 4
    /// UUIDs with dashes, of one case, as binary.
    case uuid = 5
    /// Dotted IPv4 addresses as 32-bit integers.
    case ipv4 = 6
    /// Dates with a time of day in one exact shape, as integers.
    case timestamps = 7
    /// Text taken apart into skeletons and variables.
    case templates = 8
    /// Text as it came.
    case text = 9
    /// A bit a row for "has a value", and the values alone in another encoding.
    case sparse = 10
    /// What another column's values decide, and the exceptions.
    case derived = 11
    /// A variable of a template whose values stand in a pool with those of others.
    case pooled = 12
    /// Values that stand in another column too: where they stand there, and a code a row.
    case referred = 13
    /// Digits between fixed other bytes, `16:13:38.811` or `0042`, as one integer.
    case digits = 14
    /// A variable of a template that equals an earlier one of the same text in every row; a column that repeats others
    /// of its block.
    case same = 15
    /// A variable of a template that tells its row's time again.
    case clock = 16
    /// Text taken apart, variables as they came: what commit groups hold.
    case split = 17
    /// A dictionary whose codes are kept by the kind of each row, as another column tells it. Headers say `derived`.
    case kinded = 18
    /// A sparse column whose presence is kept so. Headers say `sparse`.
    case kindedSparse = 19
    /// A variable of a template that equals another column in every row.
    case told = 20
}

/// How much time an encoder may spend.
public enum EncodingEffort: Sendable {
    /// For commit groups: no more than one cheap pass; LZ4 where it pays.
    case commit
    /// For sealed segments: estimates, template splitting, zstd where it pays.
    case seal
    /// For small blocks that are compressed as a whole afterwards: whole bytes, and nothing compressed by itself.
    case packed

    /// What bytes written with this effort take in the end, to compare two forms. O(bytes).
    func size(_ bytes: [UInt8]) -> Int {
        self == .packed ? ZstdContexts.shared.compress(bytes.rawSpan, level: 3).count : bytes.count
    }
}
