#include "json_index.h"
#include "json_escapes.h"
#include <string.h>

// The idea of classifying 64 bytes at a time into bit masks, finding strings by a prefix XOR over quotes and turning
// masks into an index is that of Langdale and Lemire, "Parsing gigabytes of JSON per second" (VLDB Journal, 2019). Here
// lines are independent: a line feed resets the string state.

typedef struct {
    uint64_t quotes, backslashes, operators, line_feeds;
} block_masks;

// What one block hands to the next: whether it ends inside a string, and whether its last byte escapes the next one.
typedef struct {
    uint64_t in_string, escape;
} scan_state;

static inline uint64_t prefix_xor_portable(uint64_t bits) {
    for (int shift = 1; shift < 64; shift *= 2) bits ^= bits << shift;
    return bits;
}

// A line feed inside a string ends it: from there on, inside and outside change places.
static inline uint64_t end_strings_at(uint64_t line_feeds, uint64_t in_string) {
    uint64_t broken = line_feeds & in_string;
    while (broken) {
        uint64_t from = 0 - (broken & (0 - broken));
        in_string ^= from;
        broken = line_feeds & in_string & from;
    }
    return in_string;
}

static inline uint32_t *write_entries_portable(uint32_t *out, uint64_t bits, const uint8_t *bytes, uint32_t base) {
    for (; bits; bits &= bits - 1) {
        uint32_t place = (uint32_t)__builtin_ctzll(bits);
        *out++ = (uint32_t)bytes[place] << 24 | (base + place);
    }
    return out;
}

static inline uint64_t string_mask(block_masks masks, uint64_t prefix, scan_state *state) {
    uint64_t in_string = end_strings_at(masks.line_feeds, prefix ^ state->in_string);
    state->in_string = 0 - (in_string >> 63);
    return in_string;
}

#define SCAN_BODY(CLASSIFY, PREFIX_XOR, WRITE)                                                                        \
    const uint8_t *base = bytes;                                                                                   \
    uint32_t *out = index, *slashes = backslashes;                                                                 \
    scan_state state = {0, 0};                                                                                     \
    size_t lines = 0;                                                                                              \
    int32_t non_ascii = 0;                                                                                         \
    for (size_t offset = start; offset < length; offset += 64) {                                                   \
        uint64_t high;                                                                                             \
        block_masks masks = CLASSIFY(base + offset, &high);                                                        \
        if (length - offset < 64) {                                                                                \
            uint64_t kept = (1ull << (length - offset)) - 1;                                                       \
            masks.quotes &= kept, masks.backslashes &= kept, masks.operators &= kept, masks.line_feeds &= kept;    \
            high &= kept;                                                                                          \
        }                                                                                                          \
        if (masks.backslashes | state.escape) masks.quotes &= ~escaped_bits(masks.backslashes, &state.escape);     \
        uint64_t in_string = string_mask(masks, PREFIX_XOR(masks.quotes), &state);                                  \
        uint64_t wanted = (masks.operators & ~in_string) | masks.quotes | masks.line_feeds;                        \
        out = WRITE(out, wanted, base + offset, (uint32_t)offset);                                                 \
        for (uint64_t rest = masks.backslashes & in_string; rest; rest &= rest - 1)                                \
            *slashes++ = (uint32_t)offset + (uint32_t)__builtin_ctzll(rest);                                       \
        lines += (size_t)__builtin_popcountll(masks.line_feeds);                                                   \
        non_ascii |= high != 0;                                                                                    \
    }                                                                                                              \
    return (plumb_json_scan){(size_t)(out - index), (size_t)(slashes - backslashes), lines, non_ascii};

static inline block_masks classify_portable(const uint8_t *bytes, uint64_t *high) {
    block_masks masks = {0, 0, 0, 0};
    *high = 0;
    for (int place = 0; place < 64; place++) {
        uint64_t bit = 1ull << place;
        uint8_t byte = bytes[place];
        if (byte >= 0x80) *high |= bit;
        switch (byte) {
        case '"': masks.quotes |= bit; break;
        case '\\': masks.backslashes |= bit; break;
        case '\n': masks.line_feeds |= bit; break;
        case '{': case '}': case '[': case ']': case ':': case ',': masks.operators |= bit; break;
        }
    }
    return masks;
}

static plumb_json_scan scan_portable(const void *bytes, size_t start, size_t length, uint32_t *index,
                                   uint32_t *backslashes) {
    SCAN_BODY(classify_portable, prefix_xor_portable, write_entries_portable)
}

static int32_t utf8_valid_portable(const uint8_t *bytes, size_t length) {
    size_t place = 0;
    while (place < length) {
        if (length - place >= 8) {
            uint64_t word;
            memcpy(&word, bytes + place, 8);
            if (!(word & 0x8080808080808080u)) {
                place += 8;
                continue;
            }
        }
        uint8_t first = bytes[place];
        if (first < 0x80) {
            place++;
            continue;
        }
        size_t more = first >= 0xF0 ? 3 : first >= 0xE0 ? 2 : 1;
        if (first < 0xC2 || first > 0xF4 || length - place <= more) return 0;
        uint8_t low = 0x80, high = 0xBF;
        if (first == 0xE0) low = 0xA0;
        if (first == 0xED) high = 0x9F;
        if (first == 0xF0) low = 0x90;
        if (first == 0xF4) high = 0x8F;
        if (bytes[place + 1] < low || bytes[place + 1] > high) return 0;
        for (size_t next = 2; next <= more; next++)
            if ((bytes[place + next] & 0xC0) != 0x80) return 0;
        place += more + 1;
    }
    return 1;
}

#if defined(__x86_64__)
#include <immintrin.h>

#define AVX2 __attribute__((target("avx2,pclmul,bmi,popcnt")))

// One shuffle by the low nibble names the operator that a byte would have to be. Setting bit 5 folds `[` onto `{` and
// `]` onto `}`; it also folds two control bytes onto `,` and `:`, which no parser accepts outside a string.
AVX2 static inline uint64_t operator_bits(__m256i bytes) {
    const __m256i table = _mm256_setr_epi8(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, ':', '{', ',', '}', 0, 0,
                                           0, 0, 0, 0, 0, 0, 0, 0, 0, 0, ':', '{', ',', '}', 0, 0);
    __m256i folded = _mm256_or_si256(bytes, _mm256_set1_epi8(0x20));
    return (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(folded, _mm256_shuffle_epi8(table, bytes)));
}

AVX2 static inline uint64_t equal_bits(__m256i low, __m256i high, char byte) {
    __m256i wanted = _mm256_set1_epi8(byte);
    uint64_t upper = (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(high, wanted));
    return upper << 32 | (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(low, wanted));
}

AVX2 static inline block_masks classify_avx2(const uint8_t *bytes, uint64_t *high_bits) {
    __m256i low = _mm256_loadu_si256((const __m256i *)bytes);
    __m256i high = _mm256_loadu_si256((const __m256i *)(bytes + 32));
    *high_bits = (uint64_t)(uint32_t)_mm256_movemask_epi8(high) << 32 | (uint32_t)_mm256_movemask_epi8(low);
    return (block_masks){
        .quotes = equal_bits(low, high, '"'),
        .backslashes = equal_bits(low, high, '\\'),
        .operators = operator_bits(high) << 32 | operator_bits(low),
        .line_feeds = equal_bits(low, high, '\n'),
    };
}

AVX2 static inline uint64_t prefix_xor_pclmul(uint64_t bits) {
    __m128i product = _mm_clmulepi64_si128(_mm_set_epi64x(0, (int64_t)bits), _mm_set1_epi8((char)0xFF), 0);
    return (uint64_t)_mm_cvtsi128_si64(product);
}

// Eight a step without asking whether there are so many: the room behind the end is there, and is written again. For no
// bits tzcnt answers 64, one byte past the block, which the padding covers.
AVX2 static inline uint32_t *write_entries_bmi(uint32_t *out, uint64_t bits, const uint8_t *bytes, uint32_t base) {
    uint32_t *end = out + __builtin_popcountll(bits);
    while (out < end) {
        for (int step = 0; step < 8; step++) {
            uint32_t place = (uint32_t)_tzcnt_u64(bits);
            *out++ = (uint32_t)bytes[place] << 24 | (base + place);
            bits = _blsr_u64(bits);
        }
    }
    return end;
}

AVX2 static plumb_json_scan scan_avx2(const void *bytes, size_t start, size_t length, uint32_t *index,
                                   uint32_t *backslashes) {
    SCAN_BODY(classify_avx2, prefix_xor_pclmul, write_entries_bmi)
}

#define AVX512 __attribute__((target("avx512f,avx512bw,avx512vl,avx512vbmi2,pclmul,bmi,popcnt")))

AVX512 static inline block_masks classify_avx512(const uint8_t *bytes, uint64_t *high_bits) {
    const __m128i names = _mm_setr_epi8(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, ':', '{', ',', '}', 0, 0);
    const __m512i table = _mm512_broadcast_i32x4(names);
    __m512i block = _mm512_loadu_si512(bytes);
    __m512i folded = _mm512_or_si512(block, _mm512_set1_epi8(0x20));
    *high_bits = _mm512_movepi8_mask(block);
    return (block_masks){
        .quotes = _mm512_cmpeq_epi8_mask(block, _mm512_set1_epi8('"')),
        .backslashes = _mm512_cmpeq_epi8_mask(block, _mm512_set1_epi8('\\')),
        .operators = _mm512_cmpeq_epi8_mask(folded, _mm512_shuffle_epi8(table, block)),
        .line_feeds = _mm512_cmpeq_epi8_mask(block, _mm512_set1_epi8('\n')),
    };
}

static const uint8_t ascending[64] = {
    0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21,
    22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43,
    44, 45, 46, 47, 48, 49, 50, 51, 52, 53, 54, 55, 56, 57, 58, 59, 60, 61, 62, 63};

// The wanted bytes and their places are pressed together and widened, sixteen entries a store; the room behind the end
// is there for the last store.
AVX512 static inline uint32_t *write_entries_avx512(uint32_t *out, uint64_t bits, const uint8_t *bytes, uint32_t base) {
    const __m512i places = _mm512_loadu_si512(ascending);
    __m512i kinds = _mm512_maskz_compress_epi8(bits, _mm512_loadu_si512(bytes));
    __m512i where = _mm512_maskz_compress_epi8(bits, places);
    const __m512i first = _mm512_set1_epi32((int32_t)base);
    uint32_t *end = out + __builtin_popcountll(bits);
#define STORE_SIXTEEN(LANE)                                                                                        \
    if (out < end) {                                                                                               \
        __m512i kind = _mm512_cvtepu8_epi32(_mm512_extracti32x4_epi32(kinds, LANE));                               \
        __m512i place = _mm512_cvtepu8_epi32(_mm512_extracti32x4_epi32(where, LANE));                              \
        _mm512_storeu_si512(out, _mm512_or_si512(_mm512_slli_epi32(kind, 24), _mm512_add_epi32(place, first)));    \
        out += 16;                                                                                                 \
    }
    STORE_SIXTEEN(0)
    STORE_SIXTEEN(1)
    STORE_SIXTEEN(2)
    STORE_SIXTEEN(3)
#undef STORE_SIXTEEN
    return end;
}

AVX512 static plumb_json_scan scan_avx512(const void *bytes, size_t start, size_t length, uint32_t *index,
                                   uint32_t *backslashes) {
    SCAN_BODY(classify_avx512, prefix_xor_pclmul, write_entries_avx512)
}

// Keiser and Lemire, "Validating UTF-8 in less than one instruction per byte" (Software: Practice and Experience, 2021):
// three lookups by nibbles name the errors that a byte and the one before it can make together; the and of the three
// leaves those that they do make. Whether third and fourth bytes stand where they must is told by saturating subtraction.
enum {
    TOO_SHORT = 1 << 0,    // a first byte followed by no continuation
    TOO_LONG = 1 << 1,     // ASCII followed by a continuation
    OVERLONG_3 = 1 << 2,   // E0 80..9F
    TOO_LARGE = 1 << 3,    // F4 90..BF, F5.. and above
    SURROGATE = 1 << 4,    // ED A0..BF
    OVERLONG_2 = 1 << 5,   // C0, C1
    OVERLONG_4 = 1 << 6,   // F0 80..8F, and F5.. 80..8F
    TWO_CONTS = 1 << 7,    // two continuations: right only behind a longer first byte
    CARRY = TOO_SHORT | TOO_LONG | TWO_CONTS,
};

#define TWICE(...) _mm256_setr_epi8(__VA_ARGS__, __VA_ARGS__)

AVX2 static inline __m256i high_nibbles(__m256i bytes) {
    return _mm256_and_si256(_mm256_srli_epi16(bytes, 4), _mm256_set1_epi8(0x0F));
}

AVX2 static inline __m256i pair_errors(__m256i bytes, __m256i previous) {
    const __m256i by_first_high = TWICE(
        TOO_LONG, TOO_LONG, TOO_LONG, TOO_LONG, TOO_LONG, TOO_LONG, TOO_LONG, TOO_LONG,
        (char)TWO_CONTS, (char)TWO_CONTS, (char)TWO_CONTS, (char)TWO_CONTS,
        TOO_SHORT | OVERLONG_2, TOO_SHORT, TOO_SHORT | OVERLONG_3 | SURROGATE,
        TOO_SHORT | TOO_LARGE | OVERLONG_4);
    const __m256i by_first_low = TWICE(
        (char)(CARRY | OVERLONG_3 | OVERLONG_2 | OVERLONG_4), (char)(CARRY | OVERLONG_2), (char)CARRY, (char)CARRY,
        (char)(CARRY | TOO_LARGE), (char)(CARRY | TOO_LARGE | OVERLONG_4), (char)(CARRY | TOO_LARGE | OVERLONG_4),
        (char)(CARRY | TOO_LARGE | OVERLONG_4), (char)(CARRY | TOO_LARGE | OVERLONG_4),
        (char)(CARRY | TOO_LARGE | OVERLONG_4), (char)(CARRY | TOO_LARGE | OVERLONG_4),
        (char)(CARRY | TOO_LARGE | OVERLONG_4), (char)(CARRY | TOO_LARGE | OVERLONG_4),
        (char)(CARRY | TOO_LARGE | OVERLONG_4 | SURROGATE), (char)(CARRY | TOO_LARGE | OVERLONG_4),
        (char)(CARRY | TOO_LARGE | OVERLONG_4));
    const __m256i by_second_high = TWICE(
        TOO_SHORT, TOO_SHORT, TOO_SHORT, TOO_SHORT, TOO_SHORT, TOO_SHORT, TOO_SHORT, TOO_SHORT,
        (char)(TOO_LONG | OVERLONG_2 | TWO_CONTS | OVERLONG_3 | OVERLONG_4),
        (char)(TOO_LONG | OVERLONG_2 | TWO_CONTS | OVERLONG_3 | TOO_LARGE),
        (char)(TOO_LONG | OVERLONG_2 | TWO_CONTS | SURROGATE | TOO_LARGE),
        (char)(TOO_LONG | OVERLONG_2 | TWO_CONTS | SURROGATE | TOO_LARGE),
        TOO_SHORT, TOO_SHORT, TOO_SHORT, TOO_SHORT);
    __m256i low = _mm256_and_si256(previous, _mm256_set1_epi8(0x0F));
    return _mm256_and_si256(
        _mm256_and_si256(_mm256_shuffle_epi8(by_first_high, high_nibbles(previous)), _mm256_shuffle_epi8(by_first_low, low)),
        _mm256_shuffle_epi8(by_second_high, high_nibbles(bytes)));
}

// The bytes `distance` before each one, the first of them from the block before.
#define BEFORE(bytes, last, distance) \
    _mm256_alignr_epi8(bytes, _mm256_permute2x128_si256(last, bytes, 0x21), 16 - (distance))

AVX2 static inline __m256i block_errors(__m256i bytes, __m256i last) {
    __m256i errors = pair_errors(bytes, BEFORE(bytes, last, 1));
    // 0x80 where a byte must be the third or the fourth of its character: two continuations are then no error, but due.
    __m256i third = _mm256_subs_epu8(BEFORE(bytes, last, 2), _mm256_set1_epi8((char)(0xE0 - 0x80)));
    __m256i fourth = _mm256_subs_epu8(BEFORE(bytes, last, 3), _mm256_set1_epi8((char)(0xF0 - 0x80)));
    __m256i due = _mm256_and_si256(_mm256_or_si256(third, fourth), _mm256_set1_epi8((char)0x80));
    return _mm256_xor_si256(errors, due);
}

AVX2 static int32_t utf8_valid_avx2(const uint8_t *bytes, size_t length) {
    __m256i last = _mm256_setzero_si256(), errors = _mm256_setzero_si256();
    uint8_t tail[32] = {0};
    for (size_t offset = 0; offset <= length; offset += 32) {
        // The last block is filled with zeros, so that a character cut off by the end is one that is too short.
        const uint8_t *from = bytes + offset;
        if (length - offset < 32) from = memcpy(tail, bytes + offset, length - offset);
        __m256i block = _mm256_loadu_si256((const __m256i *)from);
        // ASCII behind ASCII needs no lookups; behind anything else it does, to see what it cuts off.
        if (_mm256_movemask_epi8(_mm256_or_si256(block, last)))
            errors = _mm256_or_si256(errors, block_errors(block, last));
        last = block;
    }
    return _mm256_testz_si256(errors, errors);
}

static int has_avx512(void) {
    return __builtin_cpu_supports("avx512vbmi2") && __builtin_cpu_supports("avx512bw") &&
           __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("pclmul") && __builtin_cpu_supports("bmi");
}

static int has_avx2(void) {
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("pclmul") && __builtin_cpu_supports("bmi");
}
#endif

plumb_json_scan plumb_json_index(const void *bytes, size_t start, size_t length, uint32_t *index, uint32_t *backslashes) {
#if defined(__x86_64__)
    if (has_avx512()) return scan_avx512(bytes, start, length, index, backslashes);
    if (has_avx2()) return scan_avx2(bytes, start, length, index, backslashes);
#endif
    return scan_portable(bytes, start, length, index, backslashes);
}

int32_t plumb_utf8_valid(const void *bytes, size_t length) {
#if defined(__x86_64__)
    if (length >= 32 && has_avx2()) return utf8_valid_avx2(bytes, length);
#endif
    return utf8_valid_portable(bytes, length);
}
