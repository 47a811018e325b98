#include "fixed_values.h"
#include "columns.h"
#include "values.h"

static inline uint32_t hash_fixed(const uint8_t *value, size_t stride) {
    const uint64_t k0 = 0x9E3779B97F4A7C15u, k1 = 0xD1B54A32D192ED03u;
    if (stride == 8) {
        const uint64_t mixed = fold(load64(value) ^ k1, k0);
        return (uint32_t)(mixed ^ mixed >> 32);
    }
    return hash_value(value, stride);
}

static inline int same(const uint8_t *left, const uint8_t *right, size_t stride) {
    return stride == 8 ? load64(left) == load64(right) : memcmp(left, right, stride) == 0;
}

// The functions below are compiled once for eight bytes, where everything is one load.

static inline __attribute__((always_inline)) ptrdiff_t dictionary(
    const uint8_t *values, size_t stride, size_t count, size_t limit, uint32_t *codes, uint32_t *firsts, uint32_t *counts,
    uint32_t *slots, size_t mask
) {
    size_t known = 0;
    memset(slots, 0, (mask + 1) * sizeof *slots);
    for (size_t row = 0; row < count; row++) {
        const uint8_t *value = values + row * stride;
        size_t slot = hash_fixed(value, stride) & mask;
        while (slots[slot] && !same(values + firsts[slots[slot] - 1] * stride, value, stride)) slot = (slot + 1) & mask;
        if (!slots[slot]) {
            if (known == limit || (row == 512 && known > 448 && limit < count)) return -1;
            firsts[known] = (uint32_t)row;
            counts[known] = 0;
            slots[slot] = (uint32_t)++known;
        }
        const uint32_t code = slots[slot] - 1;
        codes[row] = code;
        counts[code]++;
    }
    return (ptrdiff_t)known;
}

ptrdiff_t plumb_fixed_dictionary(const uint8_t *values, size_t stride, size_t count, size_t limit, uint32_t *codes,
                                 uint32_t *firsts, uint32_t *counts, uint32_t *slots, size_t mask) {
    if (stride == 8) return dictionary(values, 8, count, limit, codes, firsts, counts, slots, mask);
    return dictionary(values, stride, count, limit, codes, firsts, counts, slots, mask);
}

static inline __attribute__((always_inline)) size_t find(
    const uint8_t *entries, size_t entry_count, const uint8_t *values, size_t count, size_t stride, uint32_t *slots,
    size_t mask, uint32_t *found
) {
    memset(slots, 0, (mask + 1) * sizeof *slots);
    for (size_t entry = 0; entry < entry_count; entry++) {
        const uint8_t *value = entries + entry * stride;
        size_t slot = hash_fixed(value, stride) & mask;
        while (slots[slot] && !same(entries + (slots[slot] - 1) * stride, value, stride)) slot = (slot + 1) & mask;
        if (!slots[slot]) slots[slot] = (uint32_t)entry + 1;
    }
    size_t hits = 0;
    for (size_t index = 0; index < count; index++) {
        const uint8_t *value = values + index * stride;
        size_t slot = hash_fixed(value, stride) & mask;
        while (slots[slot] && !same(entries + (slots[slot] - 1) * stride, value, stride)) slot = (slot + 1) & mask;
        found[index] = slots[slot] - 1;
        hits += slots[slot] != 0;
    }
    return hits;
}

size_t plumb_fixed_find(const uint8_t *entries, size_t entry_count, const uint8_t *values, size_t count, size_t stride,
                        uint32_t *slots, size_t mask, uint32_t *found) {
    if (stride == 8) return find(entries, entry_count, values, count, 8, slots, mask, found);
    return find(entries, entry_count, values, count, stride, slots, mask, found);
}

static inline __attribute__((always_inline)) size_t gather(
    const uint8_t *values, size_t stride, const uint32_t *index, const uint32_t *places, size_t rows, uint8_t *output,
    uint8_t *bits
) {
    size_t present = 0;
    uint8_t byte = 0;
    for (size_t row = 0; row < rows; row++) {
        const uint32_t place = index[places[row]];
        if (place != UINT32_MAX) {
            memcpy(output + present * stride, values + (size_t)place * stride, stride);
            present++;
            byte |= (uint8_t)(1u << (row & 7));
        }
        if ((row & 7) == 7) {
            bits[row >> 3] = byte;
            byte = 0;
        }
    }
    if (rows & 7) bits[rows >> 3] = byte;
    return present;
}

size_t plumb_fixed_gather(const uint8_t *values, size_t stride, const uint32_t *index, const uint32_t *places, size_t rows,
                          uint8_t *output, uint8_t *bits) {
    switch (stride) {
    case 8: return gather(values, 8, index, places, rows, output, bits);
    case 16: return gather(values, 16, index, places, rows, output, bits);
    default: return gather(values, stride, index, places, rows, output, bits);
    }
}

void plumb_index_bits(const uint64_t *words, size_t first, size_t rows, uint32_t base, uint32_t *output) {
    for (size_t row = 0; row < rows; row++) {
        const size_t at = first + row;
        const uint32_t set = (uint32_t)(words[at >> 6] >> (at & 63) & 1);
        output[row] = set ? base : UINT32_MAX;
        base += set;
    }
}

void plumb_index_codes(const uint32_t *codes, size_t rows, uint32_t missing, uint32_t base, uint32_t *output) {
    for (size_t row = 0; row < rows; row++) {
        const uint32_t code = codes[row];
        output[row] = code == missing ? UINT32_MAX : base + code - (code > missing);
    }
}

static const uint64_t powers[20] = {
    1u, 10u, 100u, 1000u, 10000u, 100000u, 1000000u, 10000000u, 100000000u, 1000000000u, 10000000000u, 100000000000u,
    1000000000000u, 10000000000000u, 100000000000000u, 1000000000000000u, 10000000000000000u, 100000000000000000u,
    1000000000000000000u, 10000000000000000000u,
};

// Digits of a number; one for 0.
static inline unsigned digits_of(uint64_t number) {
    // 1233 / 4096 is a little more than log10(2).
    const unsigned bits = 64 - (unsigned)__builtin_clzll(number | 1);
    const unsigned guess = bits * 1233 >> 12;
    return guess + (number >= powers[guess]) + (number == 0);
}

uint64_t plumb_number_bytes(const int64_t *numbers, size_t count, unsigned fewest, unsigned most) {
    uint64_t bytes = 0;
    for (size_t index = 0; index < count; index++) {
        uint64_t rest = numbers[index] < 0 ? 0 - (uint64_t)numbers[index] : (uint64_t)numbers[index];
        unsigned fraction = most;
        while (fraction > fewest && rest % 10 == 0) {
            rest /= 10;
            fraction--;
        }
        const unsigned digits = digits_of(rest);
        bytes += (numbers[index] < 0) + (digits > fraction ? digits : fraction + 1) + (fraction > 0);
    }
    return bytes;
}

int plumb_scale_numbers(const int64_t *numbers, size_t count, int64_t factor, int64_t forbidden, int64_t *output) {
    int fine = 1;
    for (size_t index = 0; index < count; index++) {
        fine &= !__builtin_mul_overflow(numbers[index], factor, output + index);
        if (forbidden) fine &= numbers[index] % forbidden != 0;
    }
    return fine;
}
