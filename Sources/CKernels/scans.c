#include "scans.h"
#include <string.h>

// Most runs of 64 elements hold none that is equal: that is found out with as few steps as the machine can compare.
#define EQUAL(name, type)                                                                                              \
    void name(const type *elements, size_t count, type wanted, uint64_t *words) {                                      \
        size_t whole = count / 64;                                                                                     \
        for (size_t word = 0; word < whole; word++, elements += 64) {                                                  \
            type any = 0;                                                                                              \
            for (int index = 0; index < 64; index++) any |= (type)(elements[index] == wanted);                         \
            uint64_t bits = 0;                                                                                         \
            if (any)                                                                                                   \
                for (int index = 0; index < 64; index++) bits |= (uint64_t)(elements[index] == wanted) << index;       \
            words[word] = bits;                                                                                        \
        }                                                                                                              \
        if (count % 64) {                                                                                              \
            uint64_t bits = 0;                                                                                         \
            for (size_t index = 0; index < count % 64; index++) bits |= (uint64_t)(elements[index] == wanted) << index; \
            words[whole] = bits;                                                                                       \
        }                                                                                                              \
    }

EQUAL(plumb_equal8, uint8_t)
EQUAL(plumb_equal16, uint16_t)
EQUAL(plumb_equal32, uint32_t)
EQUAL(plumb_equal64, int64_t)

// Two tables in turn, so that neighbours with the same codes need not wait for each other's sum.
int plumb_count_pairs(const uint8_t *first, const uint8_t *second, size_t count, size_t width, uint32_t *counts,
                      size_t places) {
    enum { small = 4096 };
    uint32_t other[small];
    size_t largest = 0;
    if (places > small) {
        for (size_t row = 0; row < count; row++) {
            size_t place = first[row] * width + second[row];
            if (place >= places) return 0;
            counts[place]++;
        }
        return 1;
    }
    memset(other, 0, places * sizeof *other);
    size_t row = 0;
    for (; row + 2 <= count; row += 2) {
        size_t one = first[row] * width + second[row], two = first[row + 1] * width + second[row + 1];
        largest |= (one >= places) | (two >= places);
        if (largest) return 0;
        counts[one]++;
        other[two]++;
    }
    if (row < count) {
        size_t one = first[row] * width + second[row];
        if (one >= places) return 0;
        counts[one]++;
    }
    for (size_t place = 0; place < places; place++) counts[place] += other[place];
    return 1;
}

int plumb_count_codes(const uint8_t *codes, size_t count, uint32_t *counts, size_t places) {
    uint32_t tables[4][256];
    memset(tables, 0, sizeof tables);
    size_t row = 0;
    for (; row + 4 <= count; row += 4)
        for (int table = 0; table < 4; table++) tables[table][codes[row + (size_t)table]]++;
    for (; row < count; row++) tables[0][codes[row]]++;
    for (size_t code = 0; code < 256; code++) {
        uint32_t sum = tables[0][code] + tables[1][code] + tables[2][code] + tables[3][code];
        if (code < places) counts[code] += sum;
        else if (sum) return 0;
    }
    return 1;
}

int plumb_part_numbers(const double *numbers, const uint32_t *groups, size_t count, uint32_t *next, size_t group_count,
                       double *output) {
    for (size_t index = 0; index < count; index++) {
        if (groups[index] >= group_count) return 0;
        uint32_t place = next[groups[index]]++;
        if (place >= count) return 0;
        output[place] = numbers[index];
    }
    return 1;
}

size_t plumb_count_buckets(const double *numbers, size_t count, unsigned shift, size_t first, uint32_t *counts,
                           size_t places) {
    size_t counted = 0;
    for (size_t index = 0; index < count; index++) {
        uint64_t bits;
        memcpy(&bits, numbers + index, 8);
        // The sign bit of a number below zero takes its place beyond all counts, as zero's lack of bits does.
        size_t place = (size_t)(bits >> shift) - first;
        if (place < places && bits != 0) {
            counts[place]++;
            counted++;
        }
    }
    return counted;
}

size_t plumb_count_grouped(const double *numbers, const uint32_t *groups, size_t count, const uint32_t *bases,
                           size_t group_count, unsigned shift, size_t first, size_t width, uint32_t *counts,
                           size_t places, uint32_t *left) {
    size_t not_counted = 0;
    for (size_t index = 0; index < count; index++) {
        uint64_t bits;
        memcpy(&bits, numbers + index, 8);
        if (groups[index] >= group_count) return SIZE_MAX;
        uint32_t base = bases[groups[index]];
        size_t place = (size_t)(bits >> shift) - first;
        if (place < width && bits != 0 && base != UINT32_MAX) {
            if (base + place >= places) return SIZE_MAX;
            counts[base + place]++;
        } else {
            left[not_counted++] = (uint32_t)index;
        }
    }
    return not_counted;
}

uint64_t plumb_scale(const int64_t *values, size_t count, double divisor, double *output) {
    uint64_t largest = 0;
    for (size_t index = 0; index < count; index++) {
        uint64_t magnitude = values[index] < 0 ? 0 - (uint64_t)values[index] : (uint64_t)values[index];
        if (magnitude > largest) largest = magnitude;
        output[index] = (double)values[index] / divisor;
    }
    return largest;
}

void plumb_map_codes(const uint8_t *codes, size_t count, const uint32_t *map, uint32_t *output) {
    for (size_t row = 0; row < count; row++) output[row] = map[codes[row]];
}

int plumb_count_groups(const uint32_t *groups, size_t count, uint32_t *counts, size_t group_count) {
    for (size_t index = 0; index < count; index++) {
        if (groups[index] >= group_count) return 0;
        counts[groups[index]]++;
    }
    return 1;
}
