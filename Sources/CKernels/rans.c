#include "rans.h"

#include <string.h>

enum { bits = 12, total_frequency = 1 << bits, lanes = 4 };
static const uint32_t lowest_state = 1u << 16;

void plumb_byte_counts(const uint8_t *bytes, size_t count, uint32_t counts[256]) {
    // Runs of one byte would wait for each other in a single table.
    uint32_t tables[4][256];
    memset(tables, 0, sizeof tables);
    size_t i = 0;
    for (; i + 4 <= count; i += 4) {
        tables[0][bytes[i]]++;
        tables[1][bytes[i + 1]]++;
        tables[2][bytes[i + 2]]++;
        tables[3][bytes[i + 3]]++;
    }
    for (; i < count; i++) tables[0][bytes[i]]++;
    for (int s = 0; s < 256; s++) counts[s] = tables[0][s] + tables[1][s] + tables[2][s] + tables[3][s];
}

void plumb_rans_levels(const uint32_t counts[256], size_t total, uint8_t levels[256]) {
    for (int s = 0; s < 256; s++) {
        levels[s] = 0;
        if (!counts[s]) continue;
        const uint32_t share = (uint32_t)(((uint64_t)counts[s] << 24) / total);
        unsigned level = 0;
        if (share >= 1024) {
            const unsigned octave = 21 - (unsigned)__builtin_clz(share);
            const uint32_t rest = share >> octave;
            // The middles between quarters of an octave: 1024 times 2 to 1/8, 3/8, 5/8, 7/8.
            level = 4 * octave + (rest >= 1117) + (rest >= 1328) + (rest >= 1580) + (rest >= 1878);
        }
        levels[s] = (uint8_t)(level + 1);
    }
}

static uint32_t weight(unsigned level) {
    static const uint32_t quarters[4] = {1024, 1218, 1448, 1722};
    return quarters[(level - 1) & 3] << ((level - 1) >> 2);
}

int plumb_rans_frequencies(const uint8_t levels[256], uint16_t frequencies[256]) {
    uint64_t total = 0;
    int symbols = 0;
    for (int s = 0; s < 256; s++) {
        if (!levels[s]) continue;
        if (levels[s] > plumb_rans_highest_level) return 0;
        total += weight(levels[s]);
        symbols++;
    }
    if (symbols < 2) return 0;
    // Shares by a product: at the end of the sum it is 4,096 to the last bit, since a total has 34 bits at most.
    const uint64_t reciprocal = UINT64_MAX / total + 1;
    uint64_t sum = 0;
    uint32_t before = 0;
    uint32_t excess = 0;
    for (int s = 0; s < 256; s++) {
        frequencies[s] = 0;
        if (!levels[s]) continue;
        sum += weight(levels[s]);
        const uint32_t next = (uint32_t)(((unsigned __int128)(sum << bits) * reciprocal) >> 64);
        frequencies[s] = (uint16_t)(next - before);
        before = next;
        if (!frequencies[s]) {
            frequencies[s] = 1;
            excess++;
        }
    }
    // What was given to the rarest is taken from the most frequent.
    while (excess) {
        int most = 0;
        for (int s = 1; s < 256; s++) {
            if (frequencies[s] > frequencies[most]) most = s;
        }
        uint32_t part = frequencies[most] / 2;
        if (part > excess) part = excess;
        frequencies[most] -= (uint16_t)part;
        excess -= part;
    }
    for (int s = 0; s < 256; s++) {
        // One byte beside others that hardly ever stand there.
        if (frequencies[s] == total_frequency) return 0;
    }
    return 1;
}

// Levels

enum {
    first_level = 28,
    /// Zeros of a Rice code at most, so that the two codes of a symbol lie within eight bytes from any bit on.
    longest_unary = 24,
    highest_parameter = 7,
    levels_length = 1536,
};

static unsigned zigzag(int value) { return value < 0 ? (unsigned)(-2 * value - 1) : (unsigned)(2 * value); }

/// The parameter of the Rice code that takes the fewest bits.
static unsigned best_parameter(const uint8_t levels[256]) {
    unsigned best = highest_parameter, best_bits = UINT32_MAX;
    for (unsigned k = 0; k <= highest_parameter; k++) {
        unsigned sum = 0, longest = 0;
        int previous = first_level;
        for (int s = 0; s < 256; s++) {
            if (!levels[s]) continue;
            const unsigned unary = zigzag(levels[s] - previous) >> k;
            previous = levels[s];
            sum += unary + k;
            if (unary > longest) longest = unary;
        }
        if (longest > longest_unary || sum >= best_bits) continue;
        best = k;
        best_bits = sum;
    }
    return best;
}

size_t plumb_rans_write_levels(const uint8_t levels[256], uint8_t *output) {
    const unsigned k = best_parameter(levels);
    int symbols = 0, before = -1, previous = first_level;
    uint64_t bit = 11;
    memset(output, 0, levels_length);
    for (int s = 0; s < 256; s++) {
        if (!levels[s]) continue;
        const unsigned gap = (unsigned)(s - before), octave = 31 - (unsigned)__builtin_clz(gap);
        const unsigned value = zigzag(levels[s] - previous), unary = value >> k;
        const uint64_t code = (uint64_t)1 << octave | (uint64_t)(gap - (1u << octave)) << (octave + 1);
        const uint64_t rice = (uint64_t)1 << unary | (uint64_t)(value & ((1u << k) - 1)) << (unary + 1);
        uint64_t window;
        memcpy(&window, output + bit / 8, 8);
        window |= (code | rice << (2 * octave + 1)) << (bit % 8);
        memcpy(output + bit / 8, &window, 8);
        bit += 2 * octave + 1 + unary + 1 + k;
        before = s;
        previous = levels[s];
        symbols++;
    }
    output[0] = (uint8_t)(symbols - 1);
    output[1] |= (uint8_t)k;
    return (size_t)((bit + 7) / 8);
}

size_t plumb_rans_read_levels(const uint8_t *bytes, size_t length, uint8_t levels[256]) {
    uint8_t padded[levels_length + 8];
    const size_t known = length < levels_length ? length : levels_length;
    if (known < 2) return 0;
    memcpy(padded, bytes, known);
    memset(padded + known, 0, sizeof padded - known);
    memset(levels, 0, 256);
    const unsigned k = padded[1] & 7;
    int symbol = -1, previous = first_level;
    size_t bit = 11;
    for (int left = padded[0] + 1; left > 0; left--) {
        if (bit / 8 >= known) return 0;
        uint64_t window;
        memcpy(&window, padded + bit / 8, 8);
        window >>= bit % 8;
        if (!window) return 0;
        const unsigned octave = (unsigned)__builtin_ctzll(window);
        if (octave > 8) return 0;
        window >>= octave + 1;
        symbol += (int)((1u << octave) + (window & ((1u << octave) - 1)));
        window >>= octave;
        if (!window) return 0;
        const unsigned unary = (unsigned)__builtin_ctzll(window);
        if (unary > longest_unary || symbol > 255) return 0;
        const unsigned value = unary << k | ((unsigned)(window >> (unary + 1)) & ((1u << k) - 1));
        previous += value & 1 ? -(int)((value + 1) / 2) : (int)(value / 2);
        if (previous < 1 || previous > plumb_rans_highest_level) return 0;
        levels[symbol] = (uint8_t)previous;
        bit += 2 * octave + 1 + unary + 1 + k;
    }
    const size_t taken = (bit + 7) / 8;
    return taken <= known ? taken : 0;
}

// Encoding

typedef struct {
    /// 2^64 over the frequency, rounded up; a state times it, 64 bits down, is the state over the frequency.
    uint64_t reciprocal;
    uint32_t frequency;
    uint32_t start;
    /// Where 2^64 does not fit.
    uint32_t increment;
} Symbol;

static void make_symbols(const uint16_t frequencies[256], Symbol symbols[256]) {
    uint32_t start = 0;
    for (int s = 0; s < 256; s++) {
        const uint32_t frequency = frequencies[s];
        symbols[s] = (Symbol){0, frequency, start, 0};
        if (!frequency) continue;
        symbols[s].reciprocal = frequency == 1 ? UINT64_MAX : UINT64_MAX / frequency + 1;
        symbols[s].increment = frequency == 1;
        start += frequency;
    }
}

/// Writes words downwards from `*place`; the last one may be written without being kept.
static inline uint32_t put(uint32_t state, const Symbol *symbol, uint8_t **place) {
    const uint16_t word = (uint16_t)state;
    memcpy(*place - 2, &word, 2);
    const int is_full = (state >> (32 - bits)) >= symbol->frequency;
    *place -= 2 * is_full;
    state = is_full ? state >> 16 : state;
    const uint32_t quotient =
        (uint32_t)(((unsigned __int128)((uint64_t)state + symbol->increment) * symbol->reciprocal) >> 64);
    return (quotient << bits) + (state - quotient * symbol->frequency) + symbol->start;
}

/// The last two bytes stand in the state that a group begins with.
static inline uint32_t first_state(const uint8_t *bytes, size_t count) {
    return lowest_state | (uint32_t)bytes[count - 1] << 8 | (count > 1 ? bytes[count - 2] : 0);
}

static inline size_t coded(size_t count) { return count > 2 ? count - 2 : 0; }

size_t plumb_rans_bound(size_t count, unsigned shift) {
    return 2 * count + ((count >> shift) + 1) * 8 + lanes * ((size_t)2 << shift) + 64;
}

/// Moves what was written downwards to `*output`, the state in front of it.
static void finish(uint32_t state, const uint8_t *place, const uint8_t *end, uint8_t **output, uint32_t *words) {
    memcpy(*output, &state, 4);
    memmove(*output + 4, place, (size_t)(end - place));
    *output += 4 + (end - place);
    *words = (uint32_t)(end - place) / 2;
}

size_t plumb_rans_encode(const uint8_t levels[256], const uint8_t *bytes, size_t count, unsigned shift, uint8_t *output,
                         uint32_t *words) {
    uint16_t frequencies[256];
    Symbol symbols[256];
    if (!plumb_rans_frequencies(levels, frequencies)) return 0;
    make_symbols(frequencies, symbols);
    const size_t group = (size_t)1 << shift;
    uint8_t *next = output;
    size_t done = 0;
    // Each lane writes downwards within 2 bytes a byte, behind all that has been written.
    while (count - done >= lanes * group) {
        uint32_t state[lanes];
        uint8_t *place[lanes], *end[lanes];
        for (int lane = 0; lane < lanes; lane++) {
            end[lane] = place[lane] = next + 4 * lanes + 8 + (size_t)(lane + 1) * 2 * group;
            state[lane] = first_state(bytes + done + lane * group, group);
        }
        for (size_t i = coded(group); i-- > 0;) {
            for (int lane = 0; lane < lanes; lane++) {
                state[lane] = put(state[lane], &symbols[bytes[done + lane * group + i]], &place[lane]);
            }
        }
        for (int lane = 0; lane < lanes; lane++) finish(state[lane], place[lane], end[lane], &next, words++);
        done += lanes * group;
    }
    while (done < count) {
        const size_t own = count - done < group ? count - done : group;
        uint8_t *end = next + 8 + 2 * group, *place = end;
        uint32_t state = first_state(bytes + done, own);
        for (size_t i = coded(own); i-- > 0;) state = put(state, &symbols[bytes[done + i]], &place);
        finish(state, place, end, &next, words++);
        done += own;
    }
    return (size_t)(next - output);
}

// Decoding

/// Of each of the 4,096 slots: frequency (12 bits), place among the slots of its byte (12), the byte.
static int make_slots(const uint8_t levels[256], uint32_t slots[total_frequency]) {
    uint16_t frequencies[256];
    if (!plumb_rans_frequencies(levels, frequencies)) return 0;
    uint32_t *next = slots;
    for (uint32_t s = 0; s < 256; s++) {
        const uint32_t frequency = frequencies[s], value = frequency << 20 | s;
        for (uint32_t i = 0; i < frequency; i++) next[i] = value | i << 8;
        next += frequency;
    }
    return 1;
}

typedef struct {
    uint32_t state;
    const uint8_t *next, *end;
} Lane;

static int open_lane(Lane *lane, const uint8_t *groups, const uint32_t *ends, size_t group) {
    const uint32_t start = group ? ends[group - 1] : 0;
    if (ends[group] < start + 4) return 0;
    memcpy(&lane->state, groups + start, 4);
    lane->next = groups + start + 4;
    lane->end = groups + ends[group];
    return 1;
}

static inline uint8_t get(Lane *lane, const uint32_t *slots) {
    const uint32_t slot = slots[lane->state & (total_frequency - 1)];
    uint32_t state = (slot >> 20) * (lane->state >> bits) + ((slot >> 8) & (total_frequency - 1));
    uint16_t word;
    // At the end the two bytes before it stand in: they are not taken unless the group is damaged.
    memcpy(&word, lane->next < lane->end ? lane->next : lane->end - 2, 2);
    const int is_low = state < lowest_state;
    lane->state = is_low ? state << 16 | word : state;
    lane->next += 2 * is_low;
    return (uint8_t)slot;
}

/// The first `wanted` bytes of a group of `count`, of which the first `done` are there. The whole of it is checked to end
/// where it must.
static int read_group(const Lane *lane, const uint32_t *slots, size_t count, size_t done, size_t wanted, uint8_t *output) {
    const size_t before = wanted < coded(count) ? wanted : coded(count);
    Lane own = *lane;
    for (size_t i = done; i < before; i++) output[i] = get(&own, slots);
    if (wanted <= coded(count)) return 1;
    if (own.state >> 16 != 1 || own.next != own.end) return 0;
    if (count > 1) output[count - 2] = (uint8_t)own.state;
    if (wanted == count) output[count - 1] = (uint8_t)(own.state >> 8);
    return 1;
}

static size_t length_of(size_t group, size_t count, unsigned shift) {
    const size_t start = group << shift, full = (size_t)1 << shift;
    return count - start < full ? count - start : full;
}

int plumb_rans_decode(const uint8_t levels[256], const uint8_t *groups, const uint32_t *ends, size_t count, unsigned shift,
                      size_t first, size_t end, uint8_t *output) {
    uint32_t slots[total_frequency];
    if (shift > plumb_rans_highest_shift || !make_slots(levels, slots)) return 0;
    const size_t full = (size_t)1 << shift;
    size_t next = first;
    while (next + lanes * full <= end) {
        Lane lane[lanes];
        for (int i = 0; i < lanes; i++) {
            if (!open_lane(&lane[i], groups, ends, (next >> shift) + (size_t)i)) return 0;
        }
        Lane a = lane[0], b = lane[1], c = lane[2], d = lane[3];
        uint8_t *out = output + (next - first);
        for (size_t i = 0; i < coded(full); i++) {
            out[i] = get(&a, slots);
            out[full + i] = get(&b, slots);
            out[2 * full + i] = get(&c, slots);
            out[3 * full + i] = get(&d, slots);
        }
        const Lane read[lanes] = {a, b, c, d};
        for (int i = 0; i < lanes; i++) {
            if (read[i].state >> 16 != 1 || read[i].next != read[i].end) return 0;
            uint8_t *last = out + (size_t)(i + 1) * full - 2;
            last[0] = (uint8_t)read[i].state;
            last[1] = (uint8_t)(read[i].state >> 8);
        }
        next += lanes * full;
    }
    while (next < end) {
        // A group, and beside it the next one, if there is any.
        const size_t group = next >> shift, own = length_of(group, count, shift);
        const size_t wanted = end - next < own ? end - next : own, rest = end - next - wanted;
        const size_t other = rest ? length_of(group + 1, count, shift) : 0, wanted_other = rest < other ? rest : other;
        uint8_t *out = output + (next - first), *out_other = out + wanted;
        Lane a, b;
        if (!open_lane(&a, groups, ends, group) || (rest && !open_lane(&b, groups, ends, group + 1))) return 0;
        size_t both = wanted_other < coded(other) ? wanted_other : coded(other);
        if (both > coded(own)) both = coded(own);
        for (size_t i = 0; i < both; i++) {
            out[i] = get(&a, slots);
            out_other[i] = get(&b, slots);
        }
        if (!read_group(&a, slots, own, both, wanted, out)) return 0;
        if (rest && !read_group(&b, slots, other, both, wanted_other, out_other)) return 0;
        next += wanted + wanted_other;
    }
    return 1;
}

int plumb_rans_gather(const uint8_t levels[256], const uint8_t *groups, const uint32_t *ends, size_t count, unsigned shift,
                      const int64_t *positions, size_t wanted, uint8_t *output) {
    uint32_t slots[total_frequency];
    uint8_t bytes[(size_t)1 << plumb_rans_highest_shift];
    if (shift > plumb_rans_highest_shift || !make_slots(levels, slots)) return 0;
    size_t i = 0;
    while (i < wanted) {
        const size_t group = (size_t)positions[i] >> shift;
        size_t last = i;
        while (last + 1 < wanted && (size_t)positions[last + 1] >> shift == group) last++;
        Lane lane;
        if (!open_lane(&lane, groups, ends, group)) return 0;
        const size_t start = group << shift, own = length_of(group, count, shift);
        if (!read_group(&lane, slots, own, 0, (size_t)positions[last] - start + 1, bytes)) return 0;
        for (; i <= last; i++) output[i] = bytes[(size_t)positions[i] - start];
    }
    return 1;
}
