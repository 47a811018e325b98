// A narrow door to RE2 (linear-time regular expressions): compile, match bytes, capture. No exceptions cross it.
#pragma once
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// A compiled expression. Immutable: any number of threads may match with it at once.
typedef struct plumb_re2 plumb_re2;

/// Compiles `pattern`. On a syntax error returns NULL and writes a message of at most `error_capacity - 1` bytes,
/// terminated, into `error`. `case_insensitive` is 0 or 1. The result is released by `plumb_re2_free`.
plumb_re2 *plumb_re2_new(const void *pattern, size_t length, int case_insensitive, char *error, size_t error_capacity);

void plumb_re2_free(plumb_re2 *expression);

/// 1 if any part of the text matches, else 0.
int plumb_re2_search(const plumb_re2 *expression, const void *text, size_t length);

/// 1 if the whole text matches, else 0.
int plumb_re2_match_whole(const plumb_re2 *expression, const void *text, size_t length);

/// Finds the first match at or after `start`. `groups` receives `2 * group_count` offsets, start and end of the whole
/// match and then of each capture group, -1 for a group that took no part. Returns 1 on a match, else 0.
int plumb_re2_capture(const plumb_re2 *expression, const void *text, size_t length, size_t start, ptrdiff_t *groups,
                      size_t group_count);

/// Number of capture groups, the whole match not counted.
size_t plumb_re2_group_count(const plumb_re2 *expression);

/// Name of capture group `index` (from 1), terminated, or NULL. Valid as long as the expression.
const char *plumb_re2_group_name(const plumb_re2 *expression, size_t index);

/// How many texts there are of which every match must contain one; 0 when none are known.
size_t plumb_re2_literal_count(const plumb_re2 *expression);

/// Text `index` of these, never empty. Valid as long as the expression.
const void *plumb_re2_literal(const plumb_re2 *expression, size_t index, size_t *length);

#ifdef __cplusplus
}
#endif
