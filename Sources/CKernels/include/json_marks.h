// Where strings begin and end in JSON lines: all that a record of the usual form has to be looked at for.
#pragma once
#include <stddef.h>
#include <stdint.h>

/// What a scan found, beside the lists that it wrote.
typedef struct {
    /// Entries written to `marks`.
    size_t marks;
    /// Entries written to `backslashes`.
    size_t backslashes;
    /// Line feeds among the marks.
    size_t lines;
    /// 1 if any byte is 0x80 or above.
    int32_t has_non_ascii;
} plumb_json_mark_counts;

/// Writes, in order, the offset of every unescaped quote and every line feed, and of every backslash wherever it stands.
///
/// `length` is below 2^24. 128 bytes behind the end must be readable (their values do not matter). Both lists hold at
/// least `length + 64` entries. AVX-512 VBMI2 or AVX2 where there are.
plumb_json_mark_counts plumb_json_marks(const void *bytes, size_t length, uint32_t *marks, uint32_t *backslashes);
