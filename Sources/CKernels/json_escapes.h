// Which bytes of a block of 64 a backslash escapes.
#pragma once
#include <stdint.h>

// Bits of the bytes that a backslash before them escapes. Backslashes are few, so they are visited one by one.
static inline uint64_t escaped_bits(uint64_t backslashes, uint64_t *carry) {
    uint64_t escaped = *carry, rest = backslashes & ~*carry;
    *carry = 0;
    while (rest) {
        uint64_t bit = rest & (0 - rest);
        if (bit >> 63) *carry = 1;
        escaped |= bit << 1;
        rest &= ~(bit | bit << 1);
    }
    return escaped;
}
