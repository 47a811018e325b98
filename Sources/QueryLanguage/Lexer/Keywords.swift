/// The words of the language: what a bare word may not be when a query is printed, and what names are suggested from.
enum Keywords {
    static let filterFunctions: [String] = [
        "contains_all", "contains_any", "contains_common_case", "eq_field", "equals_common_case", "exact", "i", "in",
        "ipv4_range", "le_field", "len_range", "lt_field", "pattern_match", "pattern_match_full", "pattern_match_prefix",
        "pattern_match_suffix", "range", "re", "seq", "string_range", "value_type",
    ]

    static let statsFunctions: [String] = [
        "any", "avg", "count", "count_empty", "count_uniq", "count_uniq_hash", "field_max", "field_min", "first", "histogram",
        "json_values", "last", "max", "median", "min", "quantile", "rate", "rate_sum", "row_any", "row_max", "row_min", "sum",
        "sum_len", "uniq_values", "values",
    ]

    static let pipes: [String] = [
        "block_stats", "blocks_count", "collapse_nums", "compare", "copy", "cp", "decolorize", "del", "delete", "drop",
        "drop_empty_fields", "eval", "extract", "extract_regexp", "facets", "field_names", "field_values", "fields", "filter",
        "first", "format", "generate_sequence", "hash", "head", "join", "json_array_len", "keep", "last", "len", "limit",
        "math", "mv", "offset", "order", "pack_json", "pack_logfmt", "patterns", "query_stats", "rename", "replace",
        "replace_regexp", "rm", "running_stats", "sample", "skip", "sort", "split", "stats", "stream_context", "time_add",
        "top", "total_stats", "trace", "union", "uniq", "unpack_json", "unpack_logfmt", "unpack_syslog", "unpack_words",
        "unroll", "where",
    ]

    private static let others: [String] = [
        "abs", "after", "and", "as", "asc", "at", "before", "by", "ceil", "day_range", "default", "desc", "drop_duplicates",
        "exp", "floor", "from", "hits", "if", "inner", "keep_const_fields", "keep_original_fields", "ln",
        "max_value_len", "max_values_per_field", "not", "not_in", "now", "options", "or", "partition", "prefix",
        "preserve_keys", "prettify", "rand", "rank", "result_prefix", "round", "skip_empty_results", "time_window",
        "week_range", "with", "xor",
    ]

    private static let reserved = Set(filterFunctions + statsFunctions + pipes + others)

    /// Whether a lower-cased bare word could be taken for grammar somewhere.
    static func isReserved(_ word: String) -> Bool { reserved.contains(word) }
}
