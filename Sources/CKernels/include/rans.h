// Entropy coding of bytes by one table of frequencies: rANS (Duda 2014, "Asymmetric numeral systems") with 12 bits a
// frequency, states of 32 bits and words of 16. Bytes stand in groups of one length that are read by themselves.
#pragma once
#include <stddef.h>
#include <stdint.h>

enum {
    /// Levels are one more than a step: a quarter of an octave each, from 2^-14 of all bytes to all of them.
    plumb_rans_highest_level = 57,
    plumb_rans_highest_shift = 12,
};

/// How often each byte stands there.
void plumb_byte_counts(const uint8_t *bytes, size_t count, uint32_t counts[256]);

/// For each byte, its frequency as a level; 0 for one that does not stand there. There is at least one.
void plumb_rans_levels(const uint32_t counts[256], size_t total, uint8_t levels[256]);

/// Frequencies that add up to 4,096, of two bytes at least. Returns 0 for levels that cannot be.
int plumb_rans_frequencies(const uint8_t levels[256], uint16_t frequencies[256]);

/// Writes levels as bits, lowest first: `symbols - 1 u8 | per symbol the distance from the one before in Elias' gamma code,
/// and what its level differs from that one's, zigzag, in a Rice code`. Answers the bytes written, at most 1,536.
size_t plumb_rans_write_levels(const uint8_t levels[256], uint8_t *output);

/// The reverse. Answers the bytes read; 0 for what cannot be.
size_t plumb_rans_read_levels(const uint8_t *bytes, size_t length, uint8_t levels[256]);

/// Bytes that `plumb_rans_encode` writes at most.
size_t plumb_rans_bound(size_t count, unsigned shift);

/// Writes groups of `1 << shift` bytes, the last one of fewer, one behind the other; every byte has a level. Answers the
/// bytes written, and for each group the words behind its first two.
size_t plumb_rans_encode(const uint8_t levels[256], const uint8_t *bytes, size_t count, unsigned shift, uint8_t *output,
                         uint32_t *words);

/// Reads the bytes from `first`, a multiple of `1 << shift`, to `end` of `count` in all. `ends` holds the end of each
/// group. Returns 0 for groups that cannot be.
int plumb_rans_decode(const uint8_t levels[256], const uint8_t *groups, const uint32_t *ends, size_t count, unsigned shift,
                      size_t first, size_t end, uint8_t *output);

/// Reads the bytes at some positions, ascending and below `count`.
int plumb_rans_gather(const uint8_t levels[256], const uint8_t *groups, const uint32_t *ends, size_t count, unsigned shift,
                      const int64_t *positions, size_t wanted, uint8_t *output);
