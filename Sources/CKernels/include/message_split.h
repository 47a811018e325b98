// Finds the variable parts of a log message. Called once a message.
#pragma once
#include <stddef.h>
#include <stdint.h>

/// Variables of one message at most; the last one then reaches to the end of the message. Bounds the columns of a template.
#define PLUMB_MAX_VARIABLES 64

typedef struct {
    uint64_t text;  ///< Of the text between the variables.
    uint64_t words; ///< Of the variables that hold no digit, with their places; 0 where there are none.
} PlumbMessageHashes;

/// Writes the variables of a message as pairs (start, end), ascending and disjoint, to `bounds` (room for
/// 2 * PLUMB_MAX_VARIABLES), and hashes. Returns the number of variables. O(length).
/// The result is a function of the bytes alone and is the same with and without AVX2.
size_t plumb_split_message(const void *message, size_t length, uint32_t *bounds, PlumbMessageHashes *hashes);

/// The same without AVX2, for tests.
size_t plumb_split_message_portable(const void *message, size_t length, uint32_t *bounds, PlumbMessageHashes *hashes);
