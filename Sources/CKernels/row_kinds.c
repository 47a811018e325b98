#include "row_kinds.h"

void plumb_count_by_kind(const uint32_t *kinds, const uint32_t *codes, size_t rows, size_t limit, uint32_t *counts) {
    for (size_t row = 0; row < rows; row++) counts[kinds[row] * limit + codes[row]]++;
}

size_t plumb_members(const uint32_t *counts, size_t kinds, size_t limit, uint32_t *sizes, uint32_t *codes,
                     uint32_t *code_counts, size_t room) {
    size_t found = 0;
    for (size_t kind = 0; kind < kinds; kind++) {
        const uint32_t *own = counts + kind * limit;
        const size_t before = found;
        for (size_t code = 0; code < limit; code++) {
            if (!own[code]) continue;
            if (found == room) return room + 1;
            codes[found] = (uint32_t)code;
            code_counts[found++] = own[code];
        }
        sizes[kind] = (uint32_t)(found - before);
    }
    return found;
}

void plumb_ranks_by_kind(const uint32_t *kinds, const uint32_t *codes, size_t rows, size_t limit, const uint8_t *ranks,
                         const uint32_t *steps, uint32_t *next, uint8_t *output) {
    for (size_t row = 0; row < rows; row++) {
        const uint32_t kind = kinds[row], place = next[kind];
        output[place] = ranks[kind * limit + codes[row]];
        next[kind] = place + steps[kind];
    }
}

void plumb_codes_by_kind(const uint32_t *kinds, size_t rows, const uint32_t *firsts, const uint32_t *steps, uint32_t *next,
                         const uint8_t *ranks, const uint32_t *members, uint32_t *codes) {
    for (size_t row = 0; row < rows; row++) {
        const uint32_t kind = kinds[row], place = next[kind];
        codes[row] = members[firsts[kind] + ranks[place]];
        next[kind] = place + steps[kind];
    }
}

void plumb_add_counts(const uint32_t *kinds, size_t count, uint32_t *counts) {
    for (size_t index = 0; index < count; index++) counts[kinds[index]]++;
}
