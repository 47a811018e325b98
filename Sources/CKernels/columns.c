#include "columns.h"
#include "fixed_values.h"
#include "values.h"

// Values of one column lie far apart, each among the others of its row. Their lines are asked for before they are needed.
#define VALUES_AHEAD 12
static inline void ask(const uint8_t *arena, const plumb_slice *slices, size_t row, size_t rows) {
    if (row + VALUES_AHEAD < rows) __builtin_prefetch(arena + slices[row + VALUES_AHEAD].offset);
}

// ---- dictionaries ----

static void refill(uint32_t *slots, size_t mask, const uint32_t *hashes, size_t count) {
    memset(slots, 0, (mask + 1) * sizeof *slots);
    for (size_t code = 0; code < count; code++) {
        size_t slot = hashes[code] & mask;
        while (slots[slot]) slot = (slot + 1) & mask;
        slots[slot] = (uint32_t)code + 1;
    }
}

ptrdiff_t plumb_dictionary(const uint8_t *arena, const plumb_slice *slices, size_t rows, size_t limit, uint32_t *codes,
                           uint32_t *first_rows, uint32_t *counts, uint32_t *hashes, uint32_t *slots, size_t slot_capacity) {
    size_t mask = 255, count = 0;
    memset(slots, 0, (mask + 1) * sizeof *slots);
    uint32_t previous = 0;
    for (size_t row = 0; row < rows; row++) {
        const plumb_slice slice = slices[row];
        ask(arena, slices, row, rows);
        if (row && slice.offset == slices[row - 1].offset && slice.length == slices[row - 1].length) {
            codes[row] = previous;
            counts[previous]++;
            continue;
        }
        const uint8_t *value = arena + slice.offset;
        uint32_t hash = hash_value(value, slice.length);
        size_t slot = hash & mask;
        uint32_t code = UINT32_MAX;
        for (; slots[slot]; slot = (slot + 1) & mask) {
            uint32_t known = slots[slot] - 1;
            if (hashes[known] != hash) continue;
            const plumb_slice other = slices[first_rows[known]];
            if (other.length == slice.length && equal_values(arena + other.offset, value, slice.length)) {
                code = known;
                break;
            }
        }
        if (code == UINT32_MAX) {
            if (count == limit || (row == 512 && count > 448)) return -1;
            code = (uint32_t)count;
            slots[slot] = code + 1;
            first_rows[count] = (uint32_t)row;
            hashes[count] = hash;
            counts[count] = 0;
            count++;
            if (count * 2 > mask && (mask + 1) * 4 <= slot_capacity) {
                mask = (mask + 1) * 4 - 1;
                refill(slots, mask, hashes, count);
            }
        }
        codes[row] = code;
        counts[code]++;
        previous = code;
    }
    return (ptrdiff_t)count;
}

// ---- hex ----

#define EACH(byte) ((uint64_t)(byte) * 0x0101010101010101u)

// Eight digits to four bytes in `*output`; 0 if one is no digit of the case. Digits are turned into their values and back:
// what does not come back was none.
static inline int decode8(uint64_t text, uint64_t letter_step, uint32_t *output) {
    uint64_t value = (text & EACH(0x0F)) + 9 * (text >> 6 & EACH(1));
    uint64_t letters = (value & EACH(0x0F)) + EACH(6);
    uint64_t back = (value & EACH(0x0F)) + EACH('0') + (letters >> 4 & EACH(1)) * letter_step;
    value &= EACH(0x0F);
    uint64_t pairs = (value << 4 | value >> 8) & 0x00FF00FF00FF00FFu;
    pairs = (pairs | pairs >> 8) & 0x0000FFFF0000FFFFu;
    *output = (uint32_t)(pairs | pairs >> 16);
    return back == text;
}

static inline uint64_t encode8(uint32_t binary, uint64_t letter_step) {
    uint64_t spread = binary;
    spread = (spread | spread << 16) & 0x0000FFFF0000FFFFu;
    spread = (spread | spread << 8) & 0x00FF00FF00FF00FFu;
    uint64_t value = (spread >> 4 & 0x000F000F000F000Fu) | (spread & 0x000F000F000F000Fu) << 8;
    uint64_t letters = value + EACH(6);
    return value + EACH('0') + (letters >> 4 & EACH(1)) * letter_step;
}

static inline int decode_digits(const uint8_t *text, size_t digits, uint64_t letter_step, uint8_t *output) {
    int fine = 1;
    uint32_t binary;
    size_t at = 0;
    for (; at + 8 <= digits; at += 8, output += 4) {
        fine &= decode8(load64(text + at), letter_step, &binary);
        memcpy(output, &binary, 4);
    }
    if (at < digits) {
        uint8_t rest[8];
        memset(rest, '0', 8);
        for (size_t index = at; index < digits; index++) rest[index - at] = text[index];
        fine &= decode8(load64(rest), letter_step, &binary);
        memcpy(output, &binary, (digits - at + 1) / 2);
    }
    return fine;
}

static inline void encode_digits(const uint8_t *binary, size_t digits, uint64_t letter_step, uint8_t *output) {
    size_t at = 0;
    for (; at + 8 <= digits; at += 8, binary += 4) {
        uint64_t text = encode8(load32(binary), letter_step);
        memcpy(output + at, &text, 8);
    }
    if (at < digits) {
        uint32_t rest = 0;
        for (size_t index = 0; index < (digits - at + 1) / 2; index++) rest |= (uint32_t)binary[index] << (8 * index);
        uint64_t text = encode8(rest, letter_step);
        for (size_t index = at; index < digits; index++) output[index] = (uint8_t)(text >> (8 * (index - at)));
    }
}

static const uint8_t parts[5][2] = {{0, 8}, {9, 4}, {14, 4}, {19, 4}, {24, 12}};

int plumb_hex_decode(const uint8_t *arena, const plumb_slice *slices, size_t rows, size_t digits, int upper_case, int dashes,
                     uint8_t *output) {
    const uint64_t step = upper_case ? 'A' - '0' - 10 : 'a' - '0' - 10;
    const size_t stride = (digits + 1) / 2, length = dashes ? 36 : digits;
    uint8_t text[32];
    for (size_t row = 0; row < rows; row++, output += stride) {
        if (slices[row].length != length) return 0;
        ask(arena, slices, row, rows);
        const uint8_t *value = arena + slices[row].offset;
        if (dashes) {
            if (value[8] != '-' || value[13] != '-' || value[18] != '-' || value[23] != '-') return 0;
            for (size_t part = 0, at = 0; part < 5; at += parts[part][1], part++)
                memcpy(text + at, value + parts[part][0], parts[part][1]);
            value = text;
        }
        if (!decode_digits(value, digits, step, output)) return 0;
    }
    return 1;
}

void plumb_hex_encode(const uint8_t *binary, size_t rows, size_t digits, int upper_case, int dashes, uint8_t *output) {
    const uint64_t step = upper_case ? 'A' - '0' - 10 : 'a' - '0' - 10;
    const size_t stride = (digits + 1) / 2;
    uint8_t text[32];
    for (size_t row = 0; row < rows; row++, binary += stride) {
        if (!dashes) {
            encode_digits(binary, digits, step, output);
            output += digits;
            continue;
        }
        encode_digits(binary, 32, step, text);
        memset(output, '-', 36);
        for (size_t part = 0, at = 0; part < 5; at += parts[part][1], part++)
            memcpy(output + parts[part][0], text + at, parts[part][1]);
        output += 36;
    }
}

// ---- numbers and texts ----

static inline int integer(const uint8_t *text, size_t length, int64_t *output) {
    if (length == 0 || length > 20) return 0;
    const int negative = text[0] == '-';
    size_t at = (size_t)negative;
    if (length == at || length - at > 19) return 0;
    if (text[at] == '0') {
        *output = 0;
        return length == 1;
    }
    // Nineteen digits stay below 10^19, which fits 64 bits.
    uint64_t value = 0;
    for (; at < length; at++) {
        uint8_t digit = (uint8_t)(text[at] - '0');
        if (digit > 9) return 0;
        value = value * 10 + digit;
    }
    if (value > (uint64_t)INT64_MAX + (uint64_t)negative) return 0;
    *output = (int64_t)(negative ? 0 - value : value);
    return 1;
}

int plumb_integers(const uint8_t *arena, const plumb_slice *slices, size_t rows, int64_t *output) {
    for (size_t row = 0; row < rows; row++) {
        ask(arena, slices, row, rows);
        if (!integer(arena + slices[row].offset, slices[row].length, output + row)) return 0;
    }
    return 1;
}

static inline int decimal(const uint8_t *text, size_t length, int64_t *mantissa, uint8_t *fraction) {
    if (length == 0 || length > 20) return 0;
    const size_t start = text[0] == '-';
    uint64_t value = 0;
    size_t digits = 0, point = length;
    for (size_t at = start; at < length; at++) {
        const uint8_t digit = (uint8_t)(text[at] - '0');
        if (digit < 10) {
            value = value * 10 + digit;
            digits++;
        } else if (text[at] == '.' && point == length) {
            point = at;
        } else {
            return 0;
        }
    }
    const size_t whole = point - start;
    if (digits > 18 || whole == 0 || point + 1 == length) return 0;
    if (whole > 1 && text[start] == '0') return 0;
    if (start && value == 0) return 0;
    *mantissa = start ? -(int64_t)value : (int64_t)value;
    *fraction = (uint8_t)(digits - whole);
    return 1;
}

int plumb_decimals(const uint8_t *arena, const plumb_slice *slices, size_t rows, int64_t *mantissas, uint8_t *digits) {
    for (size_t row = 0; row < rows; row++) {
        ask(arena, slices, row, rows);
        if (!decimal(arena + slices[row].offset, slices[row].length, mantissas + row, digits + row)) return 0;
    }
    return 1;
}

void plumb_gather(const uint8_t *arena, size_t arena_length, const plumb_slice *slices, size_t rows, uint8_t *output) {
    for (size_t row = 0; row < rows; row++) {
        const size_t offset = slices[row].offset, length = slices[row].length;
        const uint8_t *value = arena + offset;
        ask(arena, slices, row, rows);
        // Short values are copied in one step that runs over: into what the next one overwrites, or the spare bytes.
        if (length <= 32 && offset + 32 <= arena_length) {
            memcpy(output, value, 32);
        } else {
            memcpy(output, value, length);
        }
        output += length;
    }
}

// ---- identifiers ----

// Whether there is certainly nothing to fold: a bit test, eight bytes a step, that digits and small letters pass while
// capitals and dashes do not.
static inline int is_folded(const uint8_t *text, size_t length) {
    if (length < 8) return 0;
    for (size_t at = 0;; at += 8) {
        const uint64_t word = load64(text + (at < length - 8 ? at : length - 8));
        if (((word >> 5) & (word >> 4 | word >> 6) & EACH(1)) != EACH(1)) return 0;
        if (at + 8 >= length) return 1;
    }
}

// The folded form's length; -1 where the text holds anything but hex digits and dashes, 0 where it holds dashes only.
static inline ptrdiff_t fold_identifier(const uint8_t *text, size_t length, uint8_t *folded) {
    size_t count = 0;
    for (size_t at = 0; at < length; at++) {
        const uint8_t byte = text[at];
        const uint8_t lower = byte | 0x20;
        if (byte == '-') continue;
        if ((uint8_t)(byte - '0') > 9 && (uint8_t)(lower - 'a') > 5) return -1;
        folded[count++] = (uint8_t)(byte - 'A') < 6 ? lower : byte;
    }
    return (ptrdiff_t)count;
}

// What a UUID is wrapped in, `{…}` or `urn:uuid:…`, is no part of it.
static inline void unwrap_uuid(const uint8_t **text, size_t *length) {
    const uint8_t *start = *text;
    size_t skipped;
    if (*length == 38 && start[0] == '{' && start[37] == '}') {
        skipped = 1;
    } else if (*length == 45 && memcmp(start, "urn:uuid:", 9) == 0) {
        skipped = 9;
    } else {
        return;
    }
    start += skipped;
    if (start[8] != '-' || start[13] != '-' || start[18] != '-' || start[23] != '-') return;
    *text = start;
    *length = 36;
}

size_t plumb_identifier_keys(const uint8_t *arena, const plumb_slice *slices, size_t rows, uint64_t *keys,
                             size_t *keys_count) {
    uint8_t folded[512];
    size_t count = 0, row = 0;
    for (; row < rows; row++) {
        size_t length = slices[row].length;
        const uint8_t *text = arena + slices[row].offset;
        if (length == 0) continue;
        unwrap_uuid(&text, &length);
        ptrdiff_t shorter = -1;
        if (!is_folded(text, length)) {
            if (length > sizeof folded) break;
            shorter = fold_identifier(text, length, folded);
        }
        keys[count++] = shorter > 0 ? hash64(folded, (size_t)shorter, 0) : hash64(text, length, 0);
    }
    *keys_count = count;
    return row;
}

void plumb_fixed_identifier_keys(const uint8_t *values, size_t count, size_t digits, uint64_t *keys) {
    uint8_t text[512];
    for (size_t index = 0; index < count; index++) {
        encode_digits(values + index * ((digits + 1) / 2), digits, 'a' - '0' - 10, text);
        keys[index] = hash64(text, digits, 0);
    }
}

// ---- codes ----

int plumb_codes_from_distances(const uint8_t *low, const uint8_t *high, size_t rows, uint32_t *codes, uint32_t *largest) {
    uint32_t newest = 0;
    int fine = 1;
    for (size_t row = 0; row < rows; row++) {
        uint32_t distance = low[row];
        if (high) distance |= (uint32_t)high[row] << 8;
        fine &= distance <= newest;
        codes[row] = newest - distance;
        newest += distance == 0;
    }
    *largest = newest ? newest - 1 : 0;
    return fine;
}
