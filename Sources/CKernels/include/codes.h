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

/// Writes the rows whose code is `wanted`, ascending; returns how many. `rows` has room for `count`.
size_t plumb_find32(const uint32_t *codes, size_t count, uint32_t wanted, uint32_t *rows);

/// Sum of bytes.
uint64_t plumb_sum_bytes(const uint8_t *bytes, size_t count);

/// How many codes differ from the one before them.
size_t plumb_changes(const uint32_t *codes, size_t count);

/// The end of the slice that reaches furthest.
uint64_t plumb_furthest(const plumb_slice *slices, size_t count);
