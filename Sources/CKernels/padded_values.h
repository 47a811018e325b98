// Hashing, comparing and copying values behind which 32 bytes can be read: up to 32 bytes take one course whatever their
// length, since lengths that vary within a column would be guessed wrong every few rows.
#pragma once
#include "values.h"

// The 32 bytes from `32 - length` on keep the first `length` bytes of what they are laid over.
static const uint8_t kept_then_dropped[64] = {
    255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255,
    255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255};

// Not stored anywhere, so free to change.
static inline uint32_t hash_padded(const uint8_t *value, size_t length) {
    const uint64_t k0 = 0x9E3779B97F4A7C15u, k1 = 0xD1B54A32D192ED03u, k2 = 0x8CB92BA72F3D8DD7u;
    if (length > 32) return hash_value(value, length);
    const uint8_t *kept = kept_then_dropped + 32 - length;
    const uint64_t first = load64(value) & load64(kept), second = load64(value + 8) & load64(kept + 8);
    const uint64_t third = load64(value + 16) & load64(kept + 16), last = load64(value + 24) & load64(kept + 24);
    return (uint32_t)((fold(first ^ k1, second ^ k0 ^ length) + fold(third ^ k2, last ^ k1)) * k0 >> 32);
}

static inline int equal_padded(const uint8_t *left, const uint8_t *right, size_t length) {
    if (length > 32) return memcmp(left, right, length) == 0;
    const uint8_t *kept = kept_then_dropped + 32 - length;
    uint64_t difference = 0;
    for (int at = 0; at < 32; at += 8) difference |= (load64(left + at) ^ load64(right + at)) & load64(kept + at);
    return difference == 0;
}

// Runs over into what the next value overwrites, up to 32 bytes.
static inline void copy_padded(uint8_t *to, const uint8_t *from, size_t length) {
    if (length <= 32) {
        memcpy(to, from, 32);
    } else if (length <= 64) {
        memcpy(to, from, 32);
        memcpy(to + length - 32, from + length - 32, 32);
    } else {
        memcpy(to, from, length);
    }
}
