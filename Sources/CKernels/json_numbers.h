// Where numbers end.
#pragma once
#include <stddef.h>
#include <stdint.h>
#include <string.h>

static inline int is_digit(uint8_t byte) { return (uint8_t)(byte - '0') < 10; }

// Behind a run of digits. Behind the text eight bytes more are readable, and something that is no digit ends it.
static inline size_t skip_digits(const uint8_t *bytes, size_t at) {
    for (;; at += 8) {
        uint64_t word;
        memcpy(&word, bytes + at, 8);
        const uint64_t off = word ^ 0x3030303030303030u;
        const uint64_t others = (((off & 0x7F7F7F7F7F7F7F7Fu) + 0x7676767676767676u) | off) & 0x8080808080808080u;
        if (others) return at + (size_t)(__builtin_ctzll(others) >> 3);
    }
}

// Behind the longest number by the grammar of RFC 8259 that stands at `at`; 0 if none does.
static inline size_t number_end(const uint8_t *bytes, size_t at) {
    at += bytes[at] == '-';
    const size_t whole = at;
    at = skip_digits(bytes, at);
    if (at == whole || (at - whole > 1 && bytes[whole] == '0')) return 0;
    if (bytes[at] == '.') {
        const size_t digits = ++at;
        at = skip_digits(bytes, at);
        if (at == digits) return 0;
    }
    if ((bytes[at] | 0x20) != 'e') return at;
    at++;
    at += bytes[at] == '+' || bytes[at] == '-';
    const size_t digits = at;
    at = skip_digits(bytes, at);
    return at > digits ? at : 0;
}
