// Kernels over values of a fixed width, `stride` bytes each, one behind the other: numbers of eight bytes, hex digits as
// binary.
#pragma once
#include <stddef.h>
#include <stdint.h>

/// Gives every distinct value a code in the order of first appearance. Stops with -1 once there are more than `limit`
/// distinct values, or more than 7 of 8 among the first 512 where `limit` is below `count`. `firsts` and `counts` have room for `limit + 1`, `slots` for
/// `mask + 1` entries, a power of two, at least twice `limit`.
ptrdiff_t plumb_fixed_dictionary(const uint8_t *values, size_t stride, size_t count, size_t limit, uint32_t *codes,
                                 uint32_t *firsts, uint32_t *counts, uint32_t *slots, size_t mask);

/// For each value the first entry that equals it, `UINT32_MAX` without one; returns how many have one. `slots` holds
/// `mask + 1` entries, a power of two, more than `entry_count`.
size_t plumb_fixed_find(const uint8_t *entries, size_t entry_count, const uint8_t *values, size_t count, size_t stride,
                        uint32_t *slots, size_t mask, uint32_t *found);

/// Copies `values[index[places[row]]]` for every row, one behind the other, but for rows whose index is `UINT32_MAX`, and
/// sets the bits of the others. Returns how many were copied; `output` has room for all rows, `bits` for
/// `(rows + 7) / 8` bytes.
size_t plumb_fixed_gather(const uint8_t *values, size_t stride, const uint32_t *index, const uint32_t *places, size_t rows,
                          uint8_t *output, uint8_t *bits);

/// Numbers the set ones of `rows` bits from `first` on, beginning with `base`; `UINT32_MAX` for the others.
void plumb_index_bits(const uint64_t *words, size_t first, size_t rows, uint32_t base, uint32_t *output);

/// `base + code - (code > missing)` for each code, `UINT32_MAX` for the code `missing`.
void plumb_index_codes(const uint32_t *codes, size_t rows, uint32_t missing, uint32_t base, uint32_t *output);

/// Bytes of the decimal forms of numbers scaled by ten to the power of `most`, without trailing zeros down to `fewest`
/// fraction digits; `fewest <= most <= 18`.
uint64_t plumb_number_bytes(const int64_t *numbers, size_t count, unsigned fewest, unsigned most);

/// Appends the numbers times `factor` to `output`; 0 where one overflows, or is a multiple of `forbidden`, unless that is
/// 0.
int plumb_scale_numbers(const int64_t *numbers, size_t count, int64_t factor, int64_t forbidden, int64_t *output);

/// Keys of identifiers (see `plumb_identifier_keys`) from their binary form, at most 512 digits each.
void plumb_fixed_identifier_keys(const uint8_t *values, size_t count, size_t digits, uint64_t *keys);
