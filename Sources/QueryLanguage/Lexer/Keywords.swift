/// The words of the language: what names are suggested from, and which bare words would be taken for grammar.
enum Keywords {
    static let filterFunctions: [String] = [
        "contains_all", "contains_any", "contains_common_case", "eq_field", "equals_common_case", "exact", "i", "in",
        "ipv4_range", "le_field", "len_range", "lt_field", "pattern_match", "pattern_match_full",
        "pattern_match_prefix",
        "pattern_match_suffix", "range", "re", "seq", "string_range", "value_type",
    ]

    static let filterFunctionSet = Set(filterFunctions)

    static let statsFunctions: [String] = [
        "any", "avg", "count", "count_empty", "count_uniq", "count_uniq_hash", "field_max", "field_min", "first",
        "histogram",
        "json_values", "last", "max", "median", "min", "quantile", "rate", "rate_sum", "row_any", "row_max", "row_min",
        "sum",
        "sum_len", "uniq_values", "values",
    ]

    static let pipes: [String] = [
        "block_stats", "blocks_count", "collapse_nums", "compare", "copy", "cp", "decolorize", "del", "delete", "drop",
        "drop_empty_fields", "eval", "extract", "extract_regexp", "facets", "field_names", "field_values", "fields",
        "filter",
        "first", "format", "generate_sequence", "hash", "head", "join", "json_array_len", "keep", "last", "len",
        "limit",
        "math", "mv", "offset", "order", "pack_json", "pack_logfmt", "patterns", "query_stats", "rename", "replace",
        "replace_regexp", "rm", "running_stats", "sample", "skip", "sort", "split", "stats", "stream_context",
        "time_add",
        "top", "total_stats", "trace", "union", "uniq", "unpack_json", "unpack_logfmt", "unpack_syslog", "unpack_words",
        "unroll", "where",
    ]

    static let pipeSet = Set(pipes)

    /// Words that a filter may not use bare: printed without quotes, they would be read as grammar.
    private static let reserved = Set(
        filterFunctions + ["and", "day_range", "not", "offset", "options", "or", "week_range"])

    /// Whether a lower-cased bare word would be taken for grammar where a filter's value stands.
    static func isReserved(_ word: String) -> Bool { reserved.contains(word) }
}
