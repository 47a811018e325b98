// How values are hashed and compared while they are coded.
#pragma once
#include <stddef.h>
#include <stdint.h>
#include <string.h>

static inline uint64_t load64(const uint8_t *bytes) {
    uint64_t word;
    memcpy(&word, bytes, 8);
    return word;
}

static inline uint32_t load32(const uint8_t *bytes) {
    uint32_t word;
    memcpy(&word, bytes, 4);
    return word;
}

static inline uint64_t fold(uint64_t left, uint64_t right) {
    __uint128_t product = (__uint128_t)left * right;
    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

// Stored on disk, so it never changes. The tail is read into a zeroed word; the length enters the seed, so texts that differ
// in trailing zeros differ.
static inline uint64_t hash64(const void *input, size_t length, uint64_t seed) {
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

// Not stored anywhere, so free to change. Short values are read with two loads that overlap.
static inline uint32_t hash_value(const uint8_t *bytes, size_t length) {
    const uint64_t k0 = 0x9E3779B97F4A7C15u, k1 = 0xD1B54A32D192ED03u;
    uint64_t state = length * k0;
    uint64_t low = 0, high = 0;
    if (length >= 8) {
        for (; length > 16; length -= 16, bytes += 16) state = fold(load64(bytes) ^ k1 ^ state, load64(bytes + 8) ^ k0);
        if (length >= 8) {
            low = load64(bytes);
            high = load64(bytes + length - 8);
        } else {
            // What is left of a long value: the eight bytes before its end have been there before.
            high = load64(bytes + length - 8);
        }
    } else if (length >= 4) {
        low = load32(bytes);
        high = load32(bytes + length - 4);
    } else if (length) {
        low = (uint64_t)bytes[0] << 16 | (uint64_t)bytes[length >> 1] << 8 | bytes[length - 1];
    }
    uint64_t mixed = fold(low ^ k1 ^ state, high ^ k0);
    return (uint32_t)(mixed ^ mixed >> 32);
}

static inline int equal_values(const uint8_t *left, const uint8_t *right, size_t length) {
    if (length >= 8 && length <= 16)
        return load64(left) == load64(right) && load64(left + length - 8) == load64(right + length - 8);
    if (length >= 4 && length < 8)
        return load32(left) == load32(right) && load32(left + length - 4) == load32(right + length - 4);
    return memcmp(left, right, length) == 0;
}
