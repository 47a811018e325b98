// Splits a log message into static text and variables.
//
// A mask of the bytes that can begin a variable (digits, quotes, '=') is made 32 bytes at a time; everything between is
// skipped. At such a byte a few rules, each a short loop over the variable itself, say where the variable begins and
// ends. Every byte is looked at a bounded number of times, so the whole is linear in the length.
#include "message_split.h"
#include <string.h>
#if defined(__x86_64__)
#include <immintrin.h>
#endif

enum { DIGIT = 1, LETTER = 2, HEX = 4, IDENTIFIER = 8, WORD = DIGIT | LETTER };

// Bytes of multi-byte characters are letters, so that no variable begins or ends inside a character.
#define D (DIGIT | HEX | IDENTIFIER)
#define L (LETTER | IDENTIFIER)
#define H (LETTER | HEX | IDENTIFIER)
#define I IDENTIFIER
#define L16 L, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L
static const uint8_t classes[256] = {
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, I, 0, I, I, 0, D, D, D, D, D, D, D, D, D, D, 0, 0, 0, 0, 0, 0,
    I, H, H, H, H, H, H, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L, 0, 0, 0, 0, I,
    0, H, H, H, H, H, H, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L, 0, 0, 0, 0, 0,
    L16, L16, L16, L16, L16, L16, L16, L16,
};
#undef D
#undef L
#undef H
#undef I
#undef L16

typedef struct {
    const uint8_t *bytes;
    size_t length;
    size_t cursor; // End of the last variable.
    uint64_t hash;
    uint64_t words; // Hash of the variables without digits.
    uint32_t *bounds;
    size_t count;
    int whole_quotes;
    size_t closing; // Place of a closing quote, which begins nothing.
} Split;

typedef struct {
    size_t start, end;
} Extent;

static inline int is(const Split *split, size_t at, uint8_t class) {
    return at < split->length && (classes[split->bytes[at]] & class) != 0;
}

static inline int byte_at(const Split *split, size_t at) { return at < split->length ? split->bytes[at] : -1; }

static inline size_t skip(const Split *split, size_t at, uint8_t class) {
    while (is(split, at, class)) at++;
    return at;
}

#if defined(__x86_64__)
// Which of 16 bytes are of a class; the low bit is the first.
static inline uint32_t digits16(__m128i block) {
    const __m128i digit = _mm_sub_epi8(block, _mm_set1_epi8('0'));
    return (uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(_mm_min_epu8(digit, _mm_set1_epi8(9)), digit));
}

static inline uint32_t letters16(__m128i block, char last) {
    const __m128i letter = _mm_sub_epi8(_mm_or_si128(block, _mm_set1_epi8(0x20)), _mm_set1_epi8('a'));
    return (uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(_mm_min_epu8(letter, _mm_set1_epi8((char)(last - 'a'))), letter));
}

static inline uint32_t words16(__m128i block) {
    return digits16(block) | letters16(block, 'z') | (uint32_t)_mm_movemask_epi8(block);
}

// Ends of the digits at `at` and of the word that goes on behind them.
static inline size_t skip_word(const Split *split, size_t at, size_t *digits) {
    size_t end = at;
    *digits = SIZE_MAX;
    while (split->length >= 16) {
        // The last bytes are read with those before them.
        const size_t base = end + 16 <= split->length ? end : split->length - 16;
        const __m128i block = _mm_loadu_si128((const __m128i *)(split->bytes + base));
        const uint32_t past = ~digits16(block) >> (end - base) << (end - base) & 0xFFFF;
        if (*digits == SIZE_MAX && past) *digits = base + (size_t)__builtin_ctz(past);
        const uint32_t rest = ~words16(block) >> (end - base) << (end - base) & 0xFFFF;
        end = rest ? base + (size_t)__builtin_ctz(rest) : base + 16;
        if (rest || end == split->length) {
            if (*digits == SIZE_MAX) *digits = end;
            return end;
        }
    }
    *digits = skip(split, at, DIGIT);
    return skip(split, *digits, WORD);
}

// 16 bytes at once.
static inline uint64_t hex16(const uint8_t *bytes) {
    const __m128i block = _mm_loadu_si128((const __m128i *)bytes);
    return digits16(block) | letters16(block, 'f');
}

// Whether all of 36 bytes are hex digits but those where dashes are.
static inline int are_uuid_digits(const uint8_t *bytes) {
    const uint64_t dashes = 1ull << 8 | 1ull << 13 | 1ull << 18 | 1ull << 23;
    const uint64_t hex = hex16(bytes) | hex16(bytes + 16) << 16 | hex16(bytes + 20) << 20;
    return (hex | dashes) == (1ull << 36) - 1;
}
#else
static inline size_t skip_word(const Split *split, size_t at, size_t *digits) {
    *digits = skip(split, at, DIGIT);
    return skip(split, *digits, WORD);
}

static inline int are_uuid_digits(const uint8_t *bytes) {
    for (size_t at = 0; at < 36; at++)
        if (at != 8 && at != 13 && at != 18 && at != 23 && !(classes[bytes[at]] & HEX)) return 0;
    return 1;
}
#endif

// ---- hash of the static text ----

static const uint64_t key0 = 0x9E3779B97F4A7C15u, key1 = 0xD1B54A32D192ED03u;

static inline Split begin(const void *message, size_t length, int whole_quotes, uint32_t *bounds) {
    return (Split){message, length, 0, key1, 0, bounds, 0, whole_quotes, SIZE_MAX};
}

static inline uint64_t fold(uint64_t left, uint64_t right) {
    __uint128_t product = (__uint128_t)left * right;
    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static inline uint64_t load64(const uint8_t *bytes) {
    uint64_t word;
    memcpy(&word, bytes, 8);
    return word;
}

// The last word of a piece carries the number of its bytes, so the borders between pieces count. Bytes past the piece
// but inside the message may be loaded; they are masked off.
static inline uint64_t hash_piece(const Split *split, uint64_t hash, size_t start, size_t end) {
    size_t at = start;
    for (; end - at >= 8; at += 8) hash = fold(hash ^ load64(split->bytes + at), key0);
    uint64_t word = 0;
    if (at < end) {
        if (at + 8 <= split->length) {
            word = load64(split->bytes + at) & (~0ull >> (64 - 8 * (end - at)));
        } else {
            for (size_t byte = end; byte > at; byte--) word = word << 8 | split->bytes[byte - 1];
        }
    }
    return fold(hash ^ word ^ (uint64_t)(end - at) << 56, key1);
}

static inline void emit(Split *split, Extent variable) {
    if (split->count == PLUMB_MAX_VARIABLES - 1) variable.end = split->length;
    split->hash = hash_piece(split, split->hash, split->cursor, variable.start);
    split->bounds[2 * split->count] = (uint32_t)variable.start;
    split->bounds[2 * split->count + 1] = (uint32_t)variable.end;
    split->count++;
    split->cursor = variable.end;
}

// Adds the variable emitted last to the hash of words, with its place, unless it holds a digit.
static void note_word(Split *split) {
    size_t start = split->bounds[2 * split->count - 2], end = split->cursor;
    for (size_t at = start; at < end; at++)
        if (classes[split->bytes[at]] & DIGIT) return;
    split->words = hash_piece(split, split->words ^ split->count, start, end);
}

static inline size_t finish(Split *split, PlumbMessageHashes *hashes) {
    hashes->text = fold(hash_piece(split, split->hash, split->cursor, split->length) ^ split->count, key0);
    hashes->words = split->words;
    return split->count;
}

// ---- rules ----

#define UNIT1(a) (a)
#define UNIT2(a, b) ((a) | (b) << 8)
#define UNIT3(a, b, c) ((a) | (b) << 8 | (c) << 16)

// Units stay in the static text, so that the variable is a number.
static int is_unit(const Split *split, size_t start, size_t end) {
    if (end - start > 3) return 0;
    uint32_t text = 0;
    for (size_t at = end; at > start; at--) text = text << 8 | split->bytes[at - 1];
    switch (text) {
    case UNIT1('s'): case UNIT1('m'): case UNIT1('h'): case UNIT1('d'): case UNIT1('B'): case UNIT1('b'):
    case UNIT1('K'): case UNIT1('k'): case UNIT1('M'): case UNIT1('G'): case UNIT1('T'): case UNIT1('x'):
    case UNIT1('Z'): case UNIT1('L'): case UNIT1('W'): case UNIT1('V'): case UNIT1('C'):
    case UNIT2('m', 's'): case UNIT2('u', 's'): case UNIT2('n', 's'): case UNIT2('K', 'B'): case UNIT2('k', 'B'):
    case UNIT2('M', 'B'): case UNIT2('G', 'B'): case UNIT2('T', 'B'): case UNIT2('k', 'b'): case UNIT2('m', 'b'):
    case UNIT2('g', 'b'): case UNIT2('K', 'i'): case UNIT2('M', 'i'): case UNIT2('G', 'i'): case UNIT2('p', 'x'):
    case UNIT2('H', 'z'): case UNIT2('t', 'h'):
    case UNIT3('s', 'e', 'c'): case UNIT3('m', 'i', 'n'): case UNIT3('K', 'i', 'B'): case UNIT3('M', 'i', 'B'):
    case UNIT3('G', 'i', 'B'): case UNIT3('T', 'i', 'B'): case UNIT3('M', 'H', 'z'): case UNIT3('G', 'H', 'z'):
    case UNIT3(0xC2u, 0xB5u, 's'):
        return 1;
    default:
        return 0;
    }
}

// 8-4-4-4-12 hex digits.
static int is_uuid(const Split *split, size_t start) {
    const uint8_t *bytes = split->bytes + start;
    if (split->length - start < 36) return 0;
    if (bytes[8] != '-' || bytes[13] != '-' || bytes[18] != '-' || bytes[23] != '-') return 0;
    return are_uuid_digits(bytes) && !is(split, start + 36, WORD);
}

// MAC and IPv6 addresses: groups of up to four hex digits between colons, found from any group that holds a digit.
// Returns an empty extent where there are fewer than three colons and no pair of them.
static Extent colon_chain(const Split *split, size_t start, size_t end) {
    const Extent none = {0, 0};
    const uint8_t *bytes = split->bytes;
    size_t colons = 0, pairs = 0;
    if (skip(split, start, HEX) != end || end - start > 4) return none;
    while (colons < 8 && byte_at(split, end) == ':') {
        size_t group = end + 1;
        if (byte_at(split, group) == ':') {
            pairs++;
            colons++;
            group++;
        }
        size_t stop = skip(split, group, HEX);
        if (is(split, stop, WORD) || stop - group > 4 || stop == group) break;
        colons++;
        end = stop;
    }
    while (colons < 8 && start > split->cursor + 1 && bytes[start - 1] == ':') {
        size_t stop = start - 1;
        if (bytes[stop - 1] == ':' && stop > split->cursor + 1) {
            pairs++;
            colons++;
            stop--;
        }
        size_t group = stop;
        while (group > split->cursor && classes[bytes[group - 1]] & HEX && stop - group <= 4) group--;
        if (stop - group > 4 || group == stop) break;
        if (group > 0 && classes[bytes[group - 1]] & WORD) break;
        colons++;
        start = group;
    }
    if (colons < 3 && pairs == 0) return none;
    return (Extent){start, end};
}

// A number goes on over '.', '-' and ':' while digits follow: decimals, addresses, versions, dates, times. A port does
// not belong to the address before it: after three dots a colon ends the variable.
static size_t join_numbers(const Split *split, size_t end) {
    size_t dots = 0;
    for (;;) {
        int joint = byte_at(split, end);
        if ((joint != '.' && joint != '-' && joint != ':') || !is(split, end + 1, DIGIT)) return end;
        size_t digits, stop = skip_word(split, end + 1, &digits);
        if (joint == ':' && (dots == 3 || digits - end != 3)) return end;
        if (joint == '.') dots++;
        if (stop != digits && is_unit(split, digits, stop)) return digits;
        end = stop;
        if (!is(split, end - 1, DIGIT)) return end;
    }
}

// Random words such as pod suffixes go on over '-'.
static size_t join_words(const Split *split, size_t end) {
    while (byte_at(split, end) == '-' && is(split, end + 1, WORD)) end = skip(split, end + 1, WORD);
    return end;
}

// The variable around the first digit after the cursor.
static Extent at_digit(const Split *split, size_t at) {
    size_t start = at;
    while (start > split->cursor && classes[split->bytes[start - 1]] & WORD) start--;
    size_t digits, end = skip_word(split, at, &digits);
    if (end - start == 8 && is_uuid(split, start)) return (Extent){start, start + 36};
    if (byte_at(split, end) == ':' || (start > 0 && split->bytes[start - 1] == ':')) {
        Extent chain = colon_chain(split, start, end);
        if (chain.end) return chain;
    }
    if (digits == end) {
        // Letters, then digits: the letters are a name, unless the word can be a hex number.
        if (start < at && end - start >= 5 && skip(split, start, HEX) == end)
            return (Extent){start, join_words(split, end)};
        if (start == at && at > split->cursor && split->bytes[at - 1] == '-'
            && (at < 2 || (!(classes[split->bytes[at - 2]] & WORD) && split->bytes[at - 2] != '-')))
            at--;
        return (Extent){at, join_numbers(split, end)};
    }
    if (start == at && is_unit(split, digits, end)) return (Extent){at, digits};
    // Letters and digits mixed. A date with a 'T' and the like go on as numbers do.
    size_t joined = is(split, end - 1, DIGIT) ? join_numbers(split, end) : end;
    return (Extent){start, join_words(split, joined)};
}

// The value of key=value, where it begins with a letter.
static Extent at_equals(const Split *split, size_t at) {
    const Extent none = {0, 0};
    if (at == 0 || !(classes[split->bytes[at - 1]] & IDENTIFIER) || !is(split, at + 1, LETTER)) return none;
    size_t end = skip(split, at + 1, IDENTIFIER);
    while (!(classes[split->bytes[end - 1]] & WORD)) end--;
    return (Extent){at + 1, end};
}

// A few words in quotes; not the key of a JSON member, and not an apostrophe.
static Extent at_quote(const Split *split, size_t at) {
    const Extent none = {0, 0};
    if (at > 0 && classes[split->bytes[at - 1]] & WORD) return none;
    size_t end = skip(split, at + 1, IDENTIFIER);
    if (end == at + 1) return none;
    for (int words = 1; words < 4 && byte_at(split, end) == ' ' && is(split, end + 1, IDENTIFIER); words++)
        end = skip(split, end + 1, IDENTIFIER);
    if (byte_at(split, end) != split->bytes[at]) return none;
    if (is(split, end + 1, WORD) || byte_at(split, end + 1) == ':') return none;
    return (Extent){at + 1, end};
}

// Everything up to the next quote.
static Extent at_whole_quote(Split *split, size_t at) {
    const Extent none = {0, 0};
    const uint8_t *end = memchr(split->bytes + at + 1, '"', split->length - at - 1);
    if (!end) return none;
    split->closing = (size_t)(end - split->bytes);
    return (Extent){at + 1, split->closing};
}

static inline void handle(Split *split, size_t at) {
    if (at < split->cursor || at == split->closing || split->count == PLUMB_MAX_VARIABLES) return;
    uint8_t byte = split->bytes[at];
    int number = classes[byte] & DIGIT;
    Extent found = number        ? at_digit(split, at)
                   : byte == '=' ? at_equals(split, at)
                   : byte == '"' && split->whole_quotes ? at_whole_quote(split, at)
                                                        : at_quote(split, at);
    if (!found.end) return;
    emit(split, found);
    if (!number) note_word(split);
}

// ---- masks ----

static inline int begins_variable(uint8_t byte) {
    return (uint8_t)(byte - '0') <= 9 || byte == '=' || byte == '"' || byte == '\'';
}

size_t plumb_split_message_portable(const void *message, size_t length, int whole_quotes, uint32_t *bounds,
                                    PlumbMessageHashes *hashes) {
    Split split = begin(message, length, whole_quotes, bounds);
    for (size_t at = 0; at < length; at++)
        if (begins_variable(split.bytes[at])) handle(&split, at);
    return finish(&split, hashes);
}

#if defined(__x86_64__)
__attribute__((target("avx2"))) static inline uint32_t mask32(const uint8_t *bytes) {
    __m256i block = _mm256_loadu_si256((const __m256i *)bytes);
    __m256i digit = _mm256_sub_epi8(block, _mm256_set1_epi8('0'));
    digit = _mm256_cmpeq_epi8(_mm256_min_epu8(digit, _mm256_set1_epi8(9)), digit);
    __m256i mark = _mm256_cmpeq_epi8(block, _mm256_set1_epi8('"'));
    mark = _mm256_or_si256(mark, _mm256_cmpeq_epi8(block, _mm256_set1_epi8('\'')));
    mark = _mm256_or_si256(mark, _mm256_cmpeq_epi8(block, _mm256_set1_epi8('=')));
    return (uint32_t)_mm256_movemask_epi8(_mm256_or_si256(digit, mark));
}

__attribute__((target("avx2,bmi,bmi2"))) static size_t split_avx2(
    const void *message, size_t length, int whole_quotes, uint32_t *bounds, PlumbMessageHashes *hashes
) {
    Split split = begin(message, length, whole_quotes, bounds);
    uint8_t tail[32] = {0};
    for (size_t block = 0; block < length; block += 32) {
        uint32_t mask;
        // A variable that reaches beyond the block: its digits begin nothing.
        if (split.cursor >= block + 32) continue;
        if (length - block >= 32) {
            mask = mask32(split.bytes + block);
        } else if (length >= 32) {
            mask = mask32(split.bytes + length - 32) >> (32 - (length - block));
        } else {
            memcpy(tail, split.bytes, length);
            mask = mask32(tail);
        }
        if (split.cursor > block) mask &= ~0u << (split.cursor - block);
        while (mask) {
            const uint32_t bit = (uint32_t)__builtin_ctz(mask);
            handle(&split, block + bit);
            // Most digits are those of the variable that was just found.
            const size_t past = split.cursor > block + bit ? split.cursor - block : bit + 1;
            mask = past < 32 ? mask & ~0u << past : 0;
        }
    }
    return finish(&split, hashes);
}
#endif

size_t plumb_split_message(const void *message, size_t length, int whole_quotes, uint32_t *bounds,
                           PlumbMessageHashes *hashes) {
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx2")) return split_avx2(message, length, whole_quotes, bounds, hashes);
#endif
    return plumb_split_message_portable(message, length, whole_quotes, bounds, hashes);
}

// ---- many texts ----

// A text and where its variables stand in it.
typedef struct {
    const uint8_t *text;
    size_t length;
    const uint32_t *bounds;
    size_t width;
} Parts;

// Equal hashes are a hint, not a proof.
static int are_alike(Parts left, Parts right) {
    if (left.width != right.width) return 0;
    size_t left_start = 0, right_start = 0;
    for (size_t variable = 0; variable < left.width; variable++) {
        const size_t piece = left.bounds[2 * variable] - left_start;
        if (right.bounds[2 * variable] - right_start != piece) return 0;
        if (memcmp(left.text + left_start, right.text + right_start, piece)) return 0;
        left_start = left.bounds[2 * variable + 1];
        right_start = right.bounds[2 * variable + 1];
    }
    const size_t rest = left.length - left_start;
    return right.length - right_start == rest && memcmp(left.text + left_start, right.text + right_start, rest) == 0;
}

size_t plumb_split_texts(const uint8_t *arena, const plumb_slice *texts, size_t row, size_t end, int whole_quotes,
                         const uint64_t *hashes, const plumb_slice *models, const uint32_t *starts, const uint32_t *bounds, const uint32_t *slots,
                         uint32_t mask, uint32_t *codes, plumb_slice *variables, size_t capacity, size_t *count,
                         uint32_t *own, size_t *width, uint64_t *hash) {
    size_t used = *count;
    for (; row < end; row++) {
        *width = PLUMB_MAX_VARIABLES + 1;
        if (used + PLUMB_MAX_VARIABLES > capacity) break;
        const plumb_slice slice = texts[row];
        PlumbMessageHashes found;
        *width = plumb_split_message(arena + slice.offset, slice.length, whole_quotes, own, &found);
        *hash = found.text;
        uint32_t slot = (uint32_t)found.text & mask;
        while (slots[slot] && hashes[slots[slot] - 1] != found.text) slot = (slot + 1) & mask;
        if (slots[slot] == 0) break;
        const uint32_t kind = slots[slot] - 1;
        const Parts text = {arena + slice.offset, slice.length, own, *width};
        const Parts model = {arena + models[kind].offset, models[kind].length, bounds + 2 * (size_t)starts[kind],
                             starts[kind + 1] - starts[kind]};
        const int alike = are_alike(text, model);
        codes[row] = alike ? kind + 1 : 0;
        for (size_t variable = 0; alike && variable < *width; variable++) {
            const uint32_t start = own[2 * variable];
            variables[used++] = (plumb_slice){slice.offset + start, own[2 * variable + 1] - start};
        }
    }
    *count = used;
    return row;
}
