#include "json_marks.h"
#include "json_escapes.h"

typedef struct {
    uint64_t quotes, backslashes, line_feeds, high;
} mark_masks;

static inline mark_masks masks_portable(const uint8_t *bytes) {
    mark_masks masks = {0, 0, 0, 0};
    for (int place = 0; place < 64; place++) {
        const uint64_t bit = 1ull << place;
        const uint8_t byte = bytes[place];
        if (byte == '"') masks.quotes |= bit;
        if (byte == '\\') masks.backslashes |= bit;
        if (byte == '\n') masks.line_feeds |= bit;
        if (byte >= 0x80) masks.high |= bit;
    }
    return masks;
}

static inline void write_portable(uint32_t *out, uint64_t bits, uint32_t base) {
    for (; bits; bits &= bits - 1) *out++ = base + (uint32_t)__builtin_ctzll(bits);
}

#define MARKS_BODY(MASKS, WRITE)                                                                                      \
    uint32_t *out = marks, *slashes = backslashes;                                                                 \
    uint64_t escape = 0, high = 0;                                                                                 \
    size_t lines = 0;                                                                                              \
    for (size_t offset = 0; offset < length; offset += 64) {                                                       \
        mark_masks masks = MASKS((const uint8_t *)bytes + offset);                                                 \
        const uint64_t kept = length - offset < 64 ? (1ull << (length - offset)) - 1 : ~0ull;                      \
        uint64_t quotes = masks.quotes, rest = masks.backslashes & kept;                                           \
        if (rest | escape) quotes &= ~escaped_bits(rest, &escape);                                                 \
        for (; rest; rest &= rest - 1) *slashes++ = (uint32_t)offset + (uint32_t)__builtin_ctzll(rest);            \
        const uint64_t wanted = (quotes | masks.line_feeds) & kept;                                                \
        WRITE(out, wanted, (uint32_t)offset);                                                                      \
        out += __builtin_popcountll(wanted);                                                                       \
        lines += (size_t)__builtin_popcountll(masks.line_feeds & kept);                                            \
        high |= masks.high & kept;                                                                                 \
    }                                                                                                              \
    return (plumb_json_mark_counts){(size_t)(out - marks), (size_t)(slashes - backslashes), lines, high != 0};

static plumb_json_mark_counts marks_portable(const void *bytes, size_t length, uint32_t *marks, uint32_t *backslashes) {
    MARKS_BODY(masks_portable, write_portable)
}

#if defined(__x86_64__)
#include <immintrin.h>

#define AVX2 __attribute__((target("avx2,bmi,popcnt")))

AVX2 static inline uint64_t equal_bits(__m256i low, __m256i high, char byte) {
    const __m256i wanted = _mm256_set1_epi8(byte);
    const uint64_t upper = (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(high, wanted));
    return upper << 32 | (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(low, wanted));
}

AVX2 static inline mark_masks masks_avx2(const uint8_t *bytes) {
    const __m256i low = _mm256_loadu_si256((const __m256i *)bytes);
    const __m256i high = _mm256_loadu_si256((const __m256i *)(bytes + 32));
    return (mark_masks){
        .quotes = equal_bits(low, high, '"'),
        .backslashes = equal_bits(low, high, '\\'),
        .line_feeds = equal_bits(low, high, '\n'),
        .high = (uint64_t)(uint32_t)_mm256_movemask_epi8(high) << 32 | (uint32_t)_mm256_movemask_epi8(low),
    };
}

// Eight a step without asking whether there are so many: the room behind the end is there, and is written again.
AVX2 static inline void write_bmi(uint32_t *out, uint64_t bits, uint32_t base) {
    for (; bits; out += 8) {
        for (int step = 0; step < 8; step++) {
            out[step] = base + (uint32_t)_tzcnt_u64(bits);
            bits = _blsr_u64(bits);
        }
    }
}

AVX2 static plumb_json_mark_counts marks_avx2(const void *bytes, size_t length, uint32_t *marks, uint32_t *backslashes) {
    MARKS_BODY(masks_avx2, write_bmi)
}

#define AVX512 __attribute__((target("avx512f,avx512bw,avx512vl,avx512vbmi2,bmi,popcnt")))

AVX512 static inline mark_masks masks_avx512(const uint8_t *bytes) {
    const __m512i block = _mm512_loadu_si512(bytes);
    return (mark_masks){
        .quotes = _mm512_cmpeq_epi8_mask(block, _mm512_set1_epi8('"')),
        .backslashes = _mm512_cmpeq_epi8_mask(block, _mm512_set1_epi8('\\')),
        .line_feeds = _mm512_cmpeq_epi8_mask(block, _mm512_set1_epi8('\n')),
        .high = _mm512_movepi8_mask(block),
    };
}

static const uint8_t ascending[64] = {
    0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21,
    22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43,
    44, 45, 46, 47, 48, 49, 50, 51, 52, 53, 54, 55, 56, 57, 58, 59, 60, 61, 62, 63};

// The wanted places are pressed together and widened, sixteen a store; more than that in 64 bytes are rare.
AVX512 static inline void write_avx512(uint32_t *out, uint64_t bits, uint32_t base) {
    const __m512i where = _mm512_maskz_compress_epi8(bits, _mm512_loadu_si512(ascending));
    const __m512i first = _mm512_set1_epi32((int32_t)base);
#define STORE_SIXTEEN(LANE)                                                                                        \
    _mm512_storeu_si512(out + 16 * (LANE), _mm512_add_epi32(_mm512_cvtepu8_epi32(_mm512_extracti32x4_epi32(where, LANE)), first))
    STORE_SIXTEEN(0);
    if (__builtin_popcountll(bits) > 16) {
        STORE_SIXTEEN(1);
        STORE_SIXTEEN(2);
        STORE_SIXTEEN(3);
    }
#undef STORE_SIXTEEN
}

AVX512 static plumb_json_mark_counts marks_avx512(const void *bytes, size_t length, uint32_t *marks,
                                                  uint32_t *backslashes) {
    MARKS_BODY(masks_avx512, write_avx512)
}
#endif

plumb_json_mark_counts plumb_json_marks(const void *bytes, size_t length, uint32_t *marks, uint32_t *backslashes) {
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx512vbmi2") && __builtin_cpu_supports("avx512bw") &&
        __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("bmi"))
        return marks_avx512(bytes, length, marks, backslashes);
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi"))
        return marks_avx2(bytes, length, marks, backslashes);
#endif
    return marks_portable(bytes, length, marks, backslashes);
}
