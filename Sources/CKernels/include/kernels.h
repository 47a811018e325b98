// Byte kernels that Swift calls once a buffer, never once a byte. Each has a portable body and, on x86-64, one for the
// instruction sets named beside it, chosen at run time.
#pragma once
#include <stddef.h>
#include <stdint.h>

/// CRC-32C (Castagnoli) of `length` bytes, continued from `seed` (0 at the start). SSE4.2 where there is.
uint32_t plumb_crc32c(uint32_t seed, const void *bytes, size_t length);

/// `memcmp`, with no bytes equal to no bytes whatever the addresses.
int plumb_memcmp(const void *left, const void *right, size_t length);

/// A 64-bit hash: 16 bytes a step through two multiply-folds. Stored on disk, so it never changes.
uint64_t plumb_hash64(const void *bytes, size_t length, uint64_t seed);

/// Offset of the first `byte` at or after `start`, or -1.
ptrdiff_t plumb_find_byte(const void *bytes, size_t length, size_t start, uint8_t byte);

/// Offset of the first `needle` at or after `start`, or -1.
ptrdiff_t plumb_find_bytes(const void *bytes, size_t length, size_t start, const void *needle, size_t needle_length);
