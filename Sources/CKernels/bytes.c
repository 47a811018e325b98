#define _GNU_SOURCE
#include "kernels.h"
#include <string.h>

int plumb_memcmp(const void *left, const void *right, size_t length) { return length ? memcmp(left, right, length) : 0; }

static inline uint64_t load64(const uint8_t *bytes) {
    uint64_t word;
    memcpy(&word, bytes, 8);
    return word;
}

static inline uint64_t fold(uint64_t left, uint64_t right) {
    __uint128_t product = (__uint128_t)left * right;
    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

// The tail is read into a zeroed word; the length enters the seed, so texts that differ in trailing zeros differ.
uint64_t plumb_hash64(const void *input, size_t length, uint64_t seed) {
    const uint64_t k0 = 0x9E3779B97F4A7C15u, k1 = 0xD1B54A32D192ED03u, k2 = 0x8CB92BA72F3D8DD7u;
    const uint8_t *bytes = input;
    uint64_t state = fold(seed ^ k0, (uint64_t)length ^ k1);
    size_t left = length;
    for (; left >= 16; left -= 16, bytes += 16) state = fold(load64(bytes) ^ k1 ^ state, load64(bytes + 8) ^ k2);
    uint64_t low = 0, high = 0;
    if (left >= 8) {
        low = load64(bytes);
        memcpy(&high, bytes + 8, left - 8);
    } else if (left) {
        memcpy(&low, bytes, left);
    }
    state = fold(low ^ k2 ^ state, high ^ k1);
    return fold(state ^ k0, k1);
}

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
