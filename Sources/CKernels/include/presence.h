// Kernels over columns in which values are missing: a bit a row, low bits first, and the values that are there.
#pragma once
#include "columns.h"
#include <stddef.h>
#include <stdint.h>

/// Sets the bit of each slice that is not empty; returns how many. `bits` has room for `(rows + 7) / 8` bytes.
size_t plumb_presence_of_slices(const plumb_slice *slices, size_t rows, uint8_t *bits);

/// The same for codes other than `missing`.
size_t plumb_presence_of_codes(const uint32_t *codes, size_t rows, uint32_t missing, uint8_t *bits);

/// Slices that are empty.
size_t plumb_count_missing(const plumb_slice *slices, size_t rows);

/// Copies the slices that are not empty, `limit` of them at most; returns how many. `output` has room for `limit + 1`.
size_t plumb_present_slices(const plumb_slice *slices, size_t rows, plumb_slice *output, size_t limit);

/// Copies the codes other than `code`, larger ones less 1, `limit` of them at most; returns how many. `output` has room
/// for `limit + 1`.
size_t plumb_without_code(const uint32_t *codes, size_t rows, uint32_t code, uint32_t *output, size_t limit);

/// Set bits among the first `rows`.
size_t plumb_count_bits(const uint8_t *bits, size_t rows);

/// Offsets of dense texts spread over all rows, a missing one being empty: `rows + 1` of them. `dense` has one more than
/// there are set bits.
void plumb_spread_offsets(const uint8_t *bits, size_t rows, const uint32_t *dense, uint32_t *output);

/// Dense codes spread over all rows, `missing` where there is none. `dense` has one a set bit, at least one.
void plumb_spread_codes(const uint8_t *bits, size_t rows, const uint32_t *dense, uint32_t missing, uint32_t *output);
