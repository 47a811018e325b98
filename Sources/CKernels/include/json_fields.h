// The usual course of a JSON record: keys that follow one another as they did before, strings without escapes, numbers, and
// no white space.
#pragma once
#include "columns.h"
#include <stddef.h>
#include <stdint.h>

/// How many of the keys that were seen to follow a key are kept.
#define PLUMB_FOLLOWERS 4

/// One key at one place in the nesting, and which keys were seen to follow it. A cache line.
typedef struct {
    /// The lead is what stands in front of the key's values: the key in its quotes, the colon, and the space behind that if
    /// there was one. Its first eight bytes, those at `tail_at`, and which bits of both count.
    uint64_t head, tail, kept;
    /// Bytes of the lead, and the last eight of its first sixteen: 0 where there are no more than eight.
    uint16_t lead_length, tail_at;
    /// Counts when not the first of the followers followed.
    uint32_t misses;
    /// Bytes of the key as it is written.
    uint32_t length;
    /// Where the lead stands among all leads. The key begins one byte behind.
    uint32_t offset;
    /// The node of the enclosing object; 0 is the record itself.
    uint32_t parent;
    /// The column of its values: -2 until it has one, -1 for none.
    int32_t column;
    /// The keys that were seen to follow, likely ones first; 0 for none.
    uint32_t next[PLUMB_FOLLOWERS];
} plumb_key_node;

/// Lets a follower that was met change places with the one before it, once in 64 times: an order that stays is guessed
/// better by the processor than the latest one.
static inline void plumb_raise_follower(plumb_key_node *node, unsigned rank) {
    if (++node->misses % 64) return;
    const uint32_t follower = node->next[rank];
    node->next[rank] = node->next[rank - 1];
    node->next[rank - 1] = follower;
}

/// Where a walk stands within a record.
typedef struct {
    /// The next entry of the index to read.
    size_t entry;
    /// The next backslash to come, in the list of backslashes.
    size_t slash;
    /// The byte behind the last token.
    size_t end;
    /// The key before the next one.
    uint32_t previous;
    /// The key whose object is open; 0 for the record.
    uint32_t parent;
    size_t depth;
    size_t fields;
} plumb_json_cursor;

/// What a walk reads and fills. Behind the bytes that the entries speak of, 16 more are readable.
typedef struct {
    const uint8_t *bytes;
    /// The leads of all nodes, and eight bytes behind them.
    const uint8_t *lead_bytes;
    const uint32_t *entries;
    size_t entry_count;
    /// Ascending, `UINT32_MAX` at the end.
    const uint32_t *backslashes;
    plumb_key_node *nodes;
    /// `stride` to a column.
    plumb_slice *cells;
    size_t cell_count;
    size_t stride;
    /// The enclosing objects of the open one; room for `deepest`.
    uint32_t *parents;
    size_t deepest;
} plumb_json_walk;

/// Reads the fields of the open record into the cells of `row`, as long as they take their usual course. Returns 1 behind
/// the record's last brace; 0 before a field that does not, of which nothing has been read.
int plumb_json_fields(const plumb_json_walk *walk, size_t row, plumb_json_cursor *cursor);
