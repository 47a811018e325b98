// The structural scan of JSON lines: one pass over a buffer finds every byte that a parser has to look at.
#pragma once
#include <stddef.h>
#include <stdint.h>

/// What a scan found, beside the lists that it wrote.
typedef struct {
    /// Entries written to `index`.
    size_t entries;
    /// Entries written to `backslashes`.
    size_t backslashes;
    /// Line feeds among the entries.
    size_t lines;
    /// 1 if any byte is 0x80 or above.
    int32_t has_non_ascii;
} plumb_json_scan;

/// Writes, in order, one entry `byte << 24 | offset` for every line feed, every unescaped quote, and every
/// `{ } [ ] : ,` outside strings; and the offset of every backslash inside a string: of the bytes from `start` up to `length`. A line
/// feed ends any string, so that a broken line does not spoil the next one. The byte at `start` must stand outside a
/// string.
///
/// `length` is below 2^24. 128 bytes behind the end must be readable (their values do not matter). `index` and
/// `backslashes` each hold at least `length - start + 64` entries. AVX-512 VBMI2, or AVX2 and PCLMUL, where there are.
plumb_json_scan plumb_json_index(const void *bytes, size_t start, size_t length, uint32_t *index, uint32_t *backslashes);

/// 1 if the bytes are well-formed UTF-8 (Unicode 15, table 3-7). AVX2 where there is.
int32_t plumb_utf8_valid(const void *bytes, size_t length);
