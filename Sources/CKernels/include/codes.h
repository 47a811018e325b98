// Kernels over columns of codes: what merging blocks by row does with them.
#pragma once
#include "columns.h"
#include <stddef.h>
#include <stdint.h>

/// Gives every distinct value a code in the order of first appearance, however many there are. Returns how many;
/// `first_rows` has room for `rows` of them. `slots` holds `slot_capacity` entries, a power of two above `2 * rows`.
size_t plumb_union(const uint8_t *arena, const plumb_slice *slices, size_t rows, uint32_t *codes, uint32_t *first_rows,
                   uint32_t *slots, size_t slot_capacity);

/// `output[i] = source[rows[i]]`.
void plumb_take32(const uint32_t *source, const uint32_t *rows, size_t count, uint32_t *output);
void plumb_take64(const uint64_t *source, const uint32_t *rows, size_t count, uint64_t *output);

/// Renumbers codes below `limit` in place, in the order of their first appearance. `numbers` has `limit` entries of scratch
/// space; `order` receives the old code of each new one, `counts` how often it stands there. Returns how many there are.
size_t plumb_renumber(uint32_t *codes, size_t count, size_t limit, uint32_t *numbers, uint32_t *order, uint32_t *counts);

/// `output[i] = source[i] + step`.
void plumb_add32(const uint32_t *source, size_t count, uint32_t step, uint32_t *output);

/// `output[i] = map[source[rows[i]]]`, renumbered as `plumb_renumber` does; what is in `map` is below `limit`.
size_t plumb_gather_renumbered(const uint32_t *source, const uint32_t *rows, size_t count, const uint32_t *map, size_t limit,
                               uint32_t *output, uint32_t *numbers, uint32_t *order, uint32_t *counts);

/// Writes the rows whose code is `wanted`, ascending; returns how many. `rows` has room for `count`.
size_t plumb_find32(const uint32_t *codes, size_t count, uint32_t wanted, uint32_t *rows);

/// Sum of bytes.
uint64_t plumb_sum_bytes(const uint8_t *bytes, size_t count);

/// How often each code below `limit` stands there.
void plumb_count32(const uint32_t *codes, size_t count, size_t limit, uint32_t *counts);

/// Zeros among values of one byte, or of two given as two planes (`high` may be null).
size_t plumb_count_zeros(const uint8_t *low, const uint8_t *high, size_t count);

/// Writes the rows whose code is `wanted`, where codes are given as distances back from the newest one (see
/// `plumb_codes_from_distances`), `newest` codes being known before the first row. Returns how many; `rows` has room for
/// `count`.
size_t plumb_find_in_distances(const uint8_t *low, const uint8_t *high, size_t count, uint32_t newest, uint32_t wanted,
                               uint32_t *rows);

/// How many codes differ from the one before them.
size_t plumb_changes(const uint32_t *codes, size_t count);

/// The largest code; 0 without any.
uint32_t plumb_largest(const uint32_t *codes, size_t count);

/// The end of the slice that reaches furthest.
uint64_t plumb_furthest(const plumb_slice *slices, size_t count);

/// Codes of consecutive rows, `newest` of which are known before the first: of a value 0 the next new one, of 1 the
/// `fixed` one, of others the one that is so far back from the next new one, less 1. Values are given as planes (`high`
/// may be null). Returns how many are known behind the last row, or -1 where a value reaches before the first code.
int64_t plumb_codes_from_recent(const uint8_t *low, const uint8_t *high, size_t rows, uint32_t newest, uint32_t fixed,
                                uint32_t *codes);
