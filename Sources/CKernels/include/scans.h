// Scans over whole columns: bits of the elements that are equal to one, and counts of pairs of codes.
#pragma once
#include <stddef.h>
#include <stdint.h>

/// For each of `count` elements whether it is `wanted`, as one bit each, low bits first, in (count + 63) / 64 words.
void plumb_equal8(const uint8_t *elements, size_t count, uint8_t wanted, uint64_t *words);
void plumb_equal16(const uint16_t *elements, size_t count, uint16_t wanted, uint64_t *words);
void plumb_equal32(const uint32_t *elements, size_t count, uint32_t wanted, uint64_t *words);
void plumb_equal64(const int64_t *elements, size_t count, int64_t wanted, uint64_t *words);

/// Adds one to `counts[first[row] * width + second[row]]` for each row. Returns 0, and may have counted some, if a
/// place is not below `places`.
int plumb_count_pairs(const uint8_t *first, const uint8_t *second, size_t count, size_t width, uint32_t *counts,
                      size_t places);

/// The same for one column of codes.
int plumb_count_codes(const uint8_t *codes, size_t count, uint32_t *counts, size_t places);

/// Writes the numbers of each group together: number `index` goes to `output[next[groups[index]]++]`. Returns 0, and may
/// have written some, if a group is not below `group_count` or a place not below `count`.
int plumb_part_numbers(const double *numbers, const uint32_t *groups, size_t count, uint32_t *next, size_t group_count,
                       double *output);

/// Adds one to `counts[bits - first]` for each number above zero, `bits` being its bit pattern shifted right by `shift`.
/// Answers how many numbers were counted; those beyond the counts and those not above zero are not.
size_t plumb_count_buckets(const double *numbers, size_t count, unsigned shift, size_t first, uint32_t *counts,
                           size_t places);

/// The same for numbers of many groups at once: adds to `counts[bases[groups[index]] + bits - first]`, as far as bits -
/// first is below `width`. The indices of numbers that are not counted, as are those of groups whose base is UINT32_MAX,
/// go to `left`, which has room for all; answers how many they are, or SIZE_MAX, and may have counted some, if a group is
/// not below `group_count` or a place not below `places`.
size_t plumb_count_grouped(const double *numbers, const uint32_t *groups, size_t count, const uint32_t *bases,
                           size_t group_count, unsigned shift, size_t first, size_t width, uint32_t *counts,
                           size_t places, uint32_t *left);

/// `output[index] = values[index] / divisor`; returns the largest magnitude among the values.
uint64_t plumb_scale(const int64_t *values, size_t count, double divisor, double *output);

/// `output[row] = map[codes[row]]`; `map` has 256 elements.
void plumb_map_codes(const uint8_t *codes, size_t count, const uint32_t *map, uint32_t *output);

/// Adds one to `counts[groups[index]]` for each; returns 0, and may have counted some, if a group is not below
/// `group_count`.
int plumb_count_groups(const uint32_t *groups, size_t count, uint32_t *counts, size_t group_count);
