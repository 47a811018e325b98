// Kernels over whole columns of slices: pairs of (offset, length) into one arena. The caller vouches that every slice lies
// within the arena.
#pragma once
#include <stddef.h>
#include <stdint.h>

typedef struct {
    uint32_t offset;
    uint32_t length;
} plumb_slice;

/// Gives every distinct value a code in the order of first appearance. Stops with -1 once there are more than `limit`
/// distinct values, or more than 7 of 8 among the first 512 rows. `first_rows`, `counts` and `hashes` have room for
/// `limit + 1` values, `slots` for `slot_capacity` entries, a power of two, at least `4 * limit` and 1024.
ptrdiff_t plumb_dictionary(const uint8_t *arena, const plumb_slice *slices, size_t rows, size_t limit, uint32_t *codes,
                           uint32_t *first_rows, uint32_t *counts, uint32_t *hashes, uint32_t *slots, size_t slot_capacity);

/// Hex digits of one case to binary, `(digits + 1) / 2` bytes a value. 0 where a value has another length or another
/// character. With `dashes`, values are UUIDs: 32 digits in 36 characters.
int plumb_hex_decode(const uint8_t *arena, const plumb_slice *slices, size_t rows, size_t digits, int upper_case, int dashes,
                     uint8_t *output);

/// The reverse: `digits` characters a value, 36 with `dashes`.
void plumb_hex_encode(const uint8_t *binary, size_t rows, size_t digits, int upper_case, int dashes, uint8_t *output);

/// The integers whose canonical decimal forms the values are. 0 where one is not.
int plumb_integers(const uint8_t *arena, const plumb_slice *slices, size_t rows, int64_t *output);

/// Decimals without exponent, leading zeros or a minus zero, at most 18 digits and 20 bytes: mantissas without the point,
/// and how many digits stand behind it. 0 where a value is something else.
int plumb_decimals(const uint8_t *arena, const plumb_slice *slices, size_t rows, int64_t *mantissas, uint8_t *digits);

/// Copies the values one behind the other. `output` has room for all of them and 32 bytes more; `arena_length` bounds
/// what may be read.
void plumb_gather(const uint8_t *arena, size_t arena_length, const plumb_slice *slices, size_t rows, uint8_t *output);

/// Keys of identifiers: `plumb_hash64` of each value that is not missing, its hex digits in lower case and without dashes
/// where it holds nothing else; `*keys_count` of them. Returns the row at which it stopped: `rows`, or an earlier one
/// whose value is longer than 512 bytes and would have to be folded.
size_t plumb_identifier_keys(const uint8_t *arena, const plumb_slice *slices, size_t rows, uint64_t *keys,
                             size_t *keys_count);

/// Distances back from the newest code to codes, and the largest code to `*largest`. 0 where a distance reaches before
/// the first code.
int plumb_codes_from_distances(const uint8_t *low, const uint8_t *high, size_t rows, uint32_t *codes, uint32_t *largest);
