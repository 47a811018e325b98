#include "codes.h"
#include "kernels.h"
#include <string.h>

// Values that are asked for before they are needed, since they lie far apart.
#define VALUES_AHEAD 12

// Plain loops that wider vectors make several times faster.
#if defined(__x86_64__) && defined(__linux__)
#define WIDE __attribute__((target_clones("avx2", "default")))
#else
#define WIDE
#endif

size_t plumb_union(const uint8_t *arena, const plumb_slice *slices, size_t rows, uint32_t *codes, uint32_t *first_rows,
                   uint32_t *slots, size_t slot_capacity) {
    const size_t mask = slot_capacity - 1;
    size_t count = 0;
    memset(slots, 0, slot_capacity * sizeof *slots);
    for (size_t row = 0; row < rows; row++) {
        const plumb_slice slice = slices[row];
        const uint8_t *value = arena + slice.offset;
        if (row + VALUES_AHEAD < rows) __builtin_prefetch(arena + slices[row + VALUES_AHEAD].offset);
        size_t slot = plumb_hash64(value, slice.length, 0) & mask;
        for (; slots[slot]; slot = (slot + 1) & mask) {
            const plumb_slice other = slices[first_rows[slots[slot] - 1]];
            if (other.length == slice.length && memcmp(arena + other.offset, value, slice.length) == 0) break;
        }
        if (!slots[slot]) {
            first_rows[count++] = (uint32_t)row;
            slots[slot] = (uint32_t)count;
        }
        codes[row] = slots[slot] - 1;
    }
    return count;
}

void plumb_take32(const uint32_t *source, const uint32_t *rows, size_t count, uint32_t *output) {
    for (size_t index = 0; index < count; index++) output[index] = source[rows[index]];
}

void plumb_take64(const uint64_t *source, const uint32_t *rows, size_t count, uint64_t *output) {
    for (size_t index = 0; index < count; index++) output[index] = source[rows[index]];
}

size_t plumb_renumber(uint32_t *codes, size_t count, size_t limit, uint32_t *numbers, uint32_t *order, uint32_t *counts) {
    size_t known = 0;
    memset(numbers, 0xFF, limit * sizeof *numbers);
    for (size_t index = 0; index < count; index++) {
        uint32_t number = numbers[codes[index]];
        if (number == UINT32_MAX) {
            number = (uint32_t)known++;
            numbers[codes[index]] = number;
            order[number] = codes[index];
            counts[number] = 0;
        }
        counts[number]++;
        codes[index] = number;
    }
    return known;
}

void plumb_add32(const uint32_t *source, size_t count, uint32_t step, uint32_t *output) {
    for (size_t index = 0; index < count; index++) output[index] = source[index] + step;
}

size_t plumb_gather_renumbered(const uint32_t *source, const uint32_t *rows, size_t count, const uint32_t *map, size_t limit,
                               uint32_t *output, uint32_t *numbers, uint32_t *order, uint32_t *counts) {
    size_t known = 0;
    memset(numbers, 0xFF, limit * sizeof *numbers);
    for (size_t index = 0; index < count; index++) {
        const uint32_t code = map[source[rows[index]]];
        uint32_t number = numbers[code];
        if (number == UINT32_MAX) {
            number = (uint32_t)known++;
            numbers[code] = number;
            order[number] = code;
            counts[number] = 0;
        }
        counts[number]++;
        output[index] = number;
    }
    return known;
}

size_t plumb_find32(const uint32_t *codes, size_t count, uint32_t wanted, uint32_t *rows) {
    size_t found = 0;
    for (size_t block = 0; block < count; block += 64) {
        const size_t end = block + 64 < count ? block + 64 : count;
        uint32_t any = 0;
        for (size_t index = block; index < end; index++) any |= codes[index] == wanted;
        if (!any) continue;
        for (size_t index = block; index < end; index++)
            if (codes[index] == wanted) rows[found++] = (uint32_t)index;
    }
    return found;
}

uint64_t plumb_sum_bytes(const uint8_t *bytes, size_t count) {
    uint64_t sum = 0;
    while (count) {
        // 2^24 bytes of at most 255 stay below 2^32.
        const size_t part = count < 1u << 24 ? count : 1u << 24;
        uint32_t partial = 0;
        for (size_t index = 0; index < part; index++) partial += bytes[index];
        sum += partial;
        bytes += part;
        count -= part;
    }
    return sum;
}

void plumb_count32(const uint32_t *codes, size_t count, size_t limit, uint32_t *counts) {
    memset(counts, 0, limit * sizeof *counts);
    for (size_t index = 0; index < count; index++) counts[codes[index]]++;
}

size_t plumb_count_zeros(const uint8_t *low, const uint8_t *high, size_t count) {
    size_t zeros = 0;
    while (count) {
        // Short parts keep the counts narrow, so that more of them fit a vector.
        const size_t part = count < 4096 ? count : 4096;
        uint16_t partial = 0;
        if (high) {
            for (size_t index = 0; index < part; index++) partial += (uint8_t)((low[index] | high[index]) == 0);
            high += part;
        } else {
            for (size_t index = 0; index < part; index++) partial += (uint8_t)(low[index] == 0);
        }
        zeros += partial;
        low += part;
        count -= part;
    }
    return zeros;
}

size_t plumb_find_in_distances(const uint8_t *low, const uint8_t *high, size_t count, uint32_t newest, uint32_t wanted,
                               uint32_t *rows) {
    size_t found = 0;
    for (size_t row = 0; row < count; row++) {
        uint32_t distance = low[row];
        if (high) distance |= (uint32_t)high[row] << 8;
        rows[found] = (uint32_t)row;
        found += newest - distance == wanted;
        newest += distance == 0;
    }
    return found;
}

size_t plumb_changes(const uint32_t *codes, size_t count) {
    size_t changes = 0;
    for (size_t index = 1; index < count; index++) changes += codes[index] != codes[index - 1];
    return changes;
}

WIDE uint32_t plumb_largest(const uint32_t *codes, size_t count) {
    uint32_t largest = 0;
    for (size_t index = 0; index < count; index++) largest = codes[index] > largest ? codes[index] : largest;
    return largest;
}

WIDE uint64_t plumb_furthest(const plumb_slice *slices, size_t count) {
    uint64_t furthest = 0;
    for (size_t index = 0; index < count; index++) {
        const uint64_t end = (uint64_t)slices[index].offset + slices[index].length;
        furthest = end > furthest ? end : furthest;
    }
    return furthest;
}

int64_t plumb_codes_from_recent(const uint8_t *low, const uint8_t *high, size_t rows, uint32_t newest, uint32_t fixed,
                                uint32_t *codes) {
    int fine = 1;
    for (size_t row = 0; row < rows; row++) {
        uint32_t value = low[row];
        if (high) value |= (uint32_t)high[row] << 8;
        const uint32_t distance = value ? value - 1 : 0;
        const uint32_t code = value == 1 ? fixed : newest - distance;
        codes[row] = code;
        fine &= value == 1 ? fixed < newest : distance <= newest;
        newest += value == 0;
    }
    return fine ? (int64_t)newest : -1;
}
