/// The words of the language: what names are suggested from, and which bare words would be taken for grammar.
enum Keywords {
    static let filterFunctions: [String] = [
        "contains_all", "contains_any", "contains_common_case", "eq_field", "equals_common_case", "exact", "i", "in",
        "ipv4_range", "le_field", "len_range", "lt_field", "pattern_match", "pattern_match_full",
        "pattern_match_prefix", "pattern_match_suffix", "range", "re", "seq", "string_range", "value_type",
    ]

    static let filterFunctionSet = Set(filterFunctions)

    /// Functions that may stand behind `|` without `stats`, and so may not begin a filter.
    private static let establishedFunctions: [String] = [
        "avg", "count", "count_empty", "count_uniq", "count_uniq_hash", "histogram", "json_values", "max", "median",
        "min", "quantile", "rate", "rate_sum", "row_any", "row_max", "row_min", "sum", "sum_len", "uniq_values",
        "values",
    ]

    static let statsFunctions: [String] =
        (establishedFunctions + ["any", "field_max", "field_min", "first", "last"]).sorted()

    /// Pipes that VictoriaLogs 1.26 has: no filter begins with one of these words.
    private static let establishedPipes: [String] = [
        "block_stats", "blocks_count", "collapse_nums", "copy", "cp", "decolorize", "del", "delete", "drop",
        "drop_empty_fields", "eval", "extract", "extract_regexp", "facets", "field_names", "field_values", "fields",
        "filter", "first", "format", "hash", "head", "join", "json_array_len", "keep", "last", "len", "limit", "math",
        "mv", "offset", "order", "pack_json", "rename", "replace", "replace_regexp", "rm", "sample", "skip", "sort",
        "stats", "stream_context", "top", "union", "uniq", "unpack_json", "unpack_logfmt", "unpack_syslog",
        "unpack_words", "unroll", "where",
    ]

    static let pipeSet = Set(pipes)

    static let pipes: [String] =
        (establishedPipes + [
            "compare", "generate_sequence", "pack_logfmt", "patterns", "query_stats", "running_stats", "split",
            "time_add", "total_stats", "trace",
        ]).sorted()

    /// Words that no filter may begin with: behind `|` they mean a pipe, so that a forgotten filter is noticed.
    static let pipeWords = Set(establishedPipes + establishedFunctions + ["by"])

    /// Words that are printed in quotes where a name or a value stands.
    private static let reserved = pipeWords.union(filterFunctions).union([
        "and", "now", "not", "offset", "options", "or",
    ])

    /// Whether a lower-cased bare word would be taken for grammar.
    static func isReserved(_ word: String) -> Bool { reserved.contains(word) }
}
