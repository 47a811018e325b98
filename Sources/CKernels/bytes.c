#define _GNU_SOURCE
#include "kernels.h"
#include "values.h"

int plumb_memcmp(const void *left, const void *right, size_t length) { return length ? memcmp(left, right, length) : 0; }

uint64_t plumb_hash64(const void *bytes, size_t length, uint64_t seed) { return hash64(bytes, length, seed); }

ptrdiff_t plumb_find_byte(const void *bytes, size_t length, size_t start, uint8_t byte) {
    if (start >= length) return -1;
    const uint8_t *base = bytes;
    const uint8_t *found = memchr(base + start, byte, length - start);
    return found ? found - base : -1;
}

ptrdiff_t plumb_find_bytes(const void *bytes, size_t length, size_t start, const void *needle, size_t needle_length) {
    if (needle_length == 0) return (ptrdiff_t)start;
    if (start >= length) return -1;
    const uint8_t *base = bytes;
    const uint8_t *found = memmem(base + start, length - start, needle, needle_length);
    return found ? found - base : -1;
}
