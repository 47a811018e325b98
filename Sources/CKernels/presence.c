#include "presence.h"
#include <string.h>

size_t plumb_presence_of_slices(const plumb_slice *slices, size_t rows, uint8_t *bits) {
    size_t present = 0, row = 0;
    for (; row + 8 <= rows; row += 8) {
        uint8_t byte = 0;
        for (size_t bit = 0; bit < 8; bit++) byte |= (uint8_t)((slices[row + bit].length != 0) << bit);
        *bits++ = byte;
        present += (size_t)__builtin_popcount(byte);
    }
    if (row < rows) {
        *bits = 0;
        for (size_t bit = 0; row + bit < rows; bit++) *bits |= (uint8_t)((slices[row + bit].length != 0) << bit);
        present += (size_t)__builtin_popcount(*bits);
    }
    return present;
}

size_t plumb_presence_of_codes(const uint32_t *codes, size_t rows, uint32_t missing, uint8_t *bits) {
    size_t present = 0, row = 0;
    for (; row + 8 <= rows; row += 8) {
        uint8_t byte = 0;
        for (size_t bit = 0; bit < 8; bit++) byte |= (uint8_t)((codes[row + bit] != missing) << bit);
        *bits++ = byte;
        present += (size_t)__builtin_popcount(byte);
    }
    if (row < rows) {
        *bits = 0;
        for (size_t bit = 0; row + bit < rows; bit++) *bits |= (uint8_t)((codes[row + bit] != missing) << bit);
        present += (size_t)__builtin_popcount(*bits);
    }
    return present;
}

size_t plumb_count_missing(const plumb_slice *slices, size_t rows) {
    size_t missing = 0;
    for (size_t row = 0; row < rows; row++) missing += slices[row].length == 0;
    return missing;
}

size_t plumb_present_slices(const plumb_slice *slices, size_t rows, plumb_slice *output, size_t limit) {
    size_t present = 0;
    for (size_t row = 0; row < rows && present < limit; row++) {
        output[present] = slices[row];
        present += slices[row].length != 0;
    }
    return present;
}

size_t plumb_without_code(const uint32_t *codes, size_t rows, uint32_t code, uint32_t *output, size_t limit) {
    size_t rest = 0;
    for (size_t row = 0; row < rows && rest < limit; row++) {
        output[rest] = codes[row] - (codes[row] > code);
        rest += codes[row] != code;
    }
    return rest;
}

size_t plumb_count_bits(const uint8_t *bits, size_t rows) {
    size_t count = 0, row = 0;
    for (; row + 64 <= rows; row += 64, bits += 8) {
        uint64_t word;
        memcpy(&word, bits, 8);
        count += (size_t)__builtin_popcountll(word);
    }
    for (; row + 8 <= rows; row += 8, bits++) count += (size_t)__builtin_popcount(*bits);
    if (row < rows) count += (size_t)__builtin_popcount(*bits & ((1u << (rows - row)) - 1));
    return count;
}

void plumb_spread_offsets(const uint8_t *bits, size_t rows, const uint32_t *dense, uint32_t *output) {
    output[0] = dense[0];
    for (size_t row = 0; row < rows; row++) {
        dense += bits[row >> 3] >> (row & 7) & 1;
        output[row + 1] = *dense;
    }
}

void plumb_spread_codes(const uint8_t *bits, size_t rows, const uint32_t *dense, uint32_t missing, uint32_t *output) {
    for (size_t row = 0; row < rows; row++) {
        const uint32_t set = bits[row >> 3] >> (row & 7) & 1;
        if (set) {
            output[row] = *dense++;
        } else {
            output[row] = missing;
        }
    }
}
