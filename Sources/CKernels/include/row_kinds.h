// Kernels over columns of codes that are kept by the kind of each row, as another column's codes tell it.
#pragma once
#include <stddef.h>
#include <stdint.h>

/// How often each code below `limit` stands with each kind: `counts[kind * limit + code]`, which were zero.
void plumb_count_by_kind(const uint32_t *kinds, const uint32_t *codes, size_t rows, size_t limit, uint32_t *counts);

/// The cells of `counts`, `kinds * limit` of them, that are not zero: their codes and counts, kind by kind, and how many
/// each kind has. Returns their number, or `room + 1` where there are more than `room`.
size_t plumb_members(const uint32_t *counts, size_t kinds, size_t limit, uint32_t *sizes, uint32_t *codes,
                     uint32_t *code_counts, size_t room);

/// For each row of a kind whose step is 1, the rank of its code among those of the kind: `ranks[kind * limit + code]`, at
/// the next place of the kind. The places of other kinds do not move; what is written there does not matter.
void plumb_ranks_by_kind(const uint32_t *kinds, const uint32_t *codes, size_t rows, size_t limit, const uint8_t *ranks,
                         const uint32_t *steps, uint32_t *next, uint8_t *output);

/// The reverse: each row's code is the member of its kind that the kind's next rank names. Every rank must be below the
/// number of members of its kind.
void plumb_codes_by_kind(const uint32_t *kinds, size_t rows, const uint32_t *firsts, const uint32_t *steps, uint32_t *next,
                         const uint8_t *ranks, const uint32_t *members, uint32_t *codes);

/// Adds how often each kind stands there to its count.
void plumb_add_counts(const uint32_t *kinds, size_t count, uint32_t *counts);
