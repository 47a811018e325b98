#include "kernels.h"

static uint32_t table[256];
static volatile int table_ready;

// Every thread computes the same table, so a race to fill it is harmless; the flag is set after the table is whole.
static void fill_table(void) {
    for (uint32_t byte = 0; byte < 256; byte++) {
        uint32_t crc = byte;
        for (int bit = 0; bit < 8; bit++) crc = (crc >> 1) ^ (0x82F63B78u & (0u - (crc & 1)));
        table[byte] = crc;
    }
    __atomic_store_n(&table_ready, 1, __ATOMIC_RELEASE);
}

static uint32_t crc_portable(uint32_t crc, const uint8_t *bytes, size_t length) {
    if (!__atomic_load_n(&table_ready, __ATOMIC_ACQUIRE)) fill_table();
    while (length--) crc = (crc >> 8) ^ table[(crc ^ *bytes++) & 0xFF];
    return crc;
}

#if defined(__x86_64__)
#include <immintrin.h>
#include <string.h>

__attribute__((target("sse4.2"))) static uint32_t crc_sse42(uint32_t seed, const uint8_t *bytes, size_t length) {
    uint64_t crc = seed;
    for (; length >= 8; length -= 8, bytes += 8) {
        uint64_t word;
        memcpy(&word, bytes, 8);
        crc = _mm_crc32_u64(crc, word);
    }
    while (length--) crc = _mm_crc32_u8((uint32_t)crc, *bytes++);
    return (uint32_t)crc;
}

// The instruction takes one word a cycle and answers three cycles later, so three parts of a buffer are summed at once. A
// sum is moved past the zeros of a part by a table for each of its bytes, since it is linear in its start.
enum { PART = 1024 };
static uint32_t past[4][256];
static volatile int past_ready;

// As above, a race fills the same table twice.
static void fill_past(void) {
    static const uint8_t zeros[PART];
    for (int byte = 0; byte < 4; byte++)
        for (uint32_t bit = 1; bit < 256; bit *= 2) {
            past[byte][bit] = crc_sse42(bit << (8 * byte), zeros, PART);
            for (uint32_t rest = 1; rest < bit; rest++) past[byte][bit + rest] = past[byte][bit] ^ past[byte][rest];
        }
    __atomic_store_n(&past_ready, 1, __ATOMIC_RELEASE);
}

static inline uint32_t move_past(uint32_t crc) {
    return past[0][crc & 0xFF] ^ past[1][crc >> 8 & 0xFF] ^ past[2][crc >> 16 & 0xFF] ^ past[3][crc >> 24];
}

__attribute__((target("sse4.2"))) static uint32_t crc_long(uint32_t seed, const uint8_t *bytes, size_t length) {
    if (length >= 3 * PART && !__atomic_load_n(&past_ready, __ATOMIC_ACQUIRE)) fill_past();
    for (; length >= 3 * PART; length -= 3 * PART, bytes += 3 * PART) {
        uint64_t first = seed, second = 0, third = 0;
        for (size_t at = 0; at < PART; at += 8) {
            uint64_t words[3];
            memcpy(words, bytes + at, 8);
            memcpy(words + 1, bytes + at + PART, 8);
            memcpy(words + 2, bytes + at + 2 * PART, 8);
            first = _mm_crc32_u64(first, words[0]);
            second = _mm_crc32_u64(second, words[1]);
            third = _mm_crc32_u64(third, words[2]);
        }
        seed = move_past(move_past((uint32_t)first) ^ (uint32_t)second) ^ (uint32_t)third;
    }
    return crc_sse42(seed, bytes, length);
}
#endif

uint32_t plumb_crc32c(uint32_t seed, const void *bytes, size_t length) {
    uint32_t crc = ~seed;
#if defined(__x86_64__)
    if (__builtin_cpu_supports("sse4.2")) return ~crc_long(crc, bytes, length);
#endif
    return ~crc_portable(crc, bytes, length);
}
