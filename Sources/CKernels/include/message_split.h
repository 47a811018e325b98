// Finds the variable parts of a log message. Called once a message.
#pragma once
#include "columns.h"
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
/// With `whole_quotes`, all that stands between two double quotes is one variable, be it empty.
/// The result is a function of the bytes alone and is the same with and without AVX2.
size_t plumb_split_message(const void *message, size_t length, int whole_quotes, uint32_t *bounds,
                           PlumbMessageHashes *hashes);

/// The same without AVX2, for tests.
size_t plumb_split_message_portable(const void *message, size_t length, int whole_quotes, uint32_t *bounds,
                                    PlumbMessageHashes *hashes);

/// Takes texts apart from `row` on. Of the kinds of texts that came so far there are, by kind: the hash of its static text,
/// its first text, where its variables begin among `bounds`, and one more start behind the last; the pairs of `bounds` are
/// start and end of a variable within that first text. `slots` holds kind + 1 by hash, 0 for free; `mask + 1` of them, of
/// which some are free. A row's code becomes kind + 1, or 0 for a text whose hash is that of a kind and whose static text is
/// not. `variables`, with room for `capacity`, holds those of all texts one behind the other, `*count` of them.
///
/// Returns the row at which it stopped: `end`; one of an unknown kind, whose `*width` variables `own` then holds (room for
/// 2 * PLUMB_MAX_VARIABLES) and whose hash `*hash`; or one for whose variables there may be no room, of which nothing is
/// said (`*width` is above PLUMB_MAX_VARIABLES). Every text must lie within the arena.
size_t plumb_split_texts(const uint8_t *arena, const plumb_slice *texts, size_t row, size_t end, int whole_quotes,
                         const uint64_t *hashes, const plumb_slice *models, const uint32_t *starts, const uint32_t *bounds, const uint32_t *slots,
                         uint32_t mask, uint32_t *codes, plumb_slice *variables, size_t capacity, size_t *count,
                         uint32_t *own, size_t *width, uint64_t *hash);
