#include "json_fields.h"
#include "json_numbers.h"
#include <string.h>

#define OFFSET 0xFFFFFFu
#define UNASSIGNED (-2)

static inline uint64_t load64(const uint8_t *bytes) {
    uint64_t word;
    memcpy(&word, bytes, 8);
    return word;
}


static inline uint8_t kind(uint32_t entry) { return (uint8_t)(entry >> 24); }

// The byte at the end is a mark of the index, no digit.
static inline int is_number(const uint8_t *bytes, size_t at, size_t end) { return number_end(bytes, at) == end; }

// A number, `true` or `false`; `null` and what is no value are left to the caller.
static inline int is_scalar(const uint8_t *bytes, size_t start, size_t end) {
    if (start >= end) return 0;
    if (is_digit(bytes[start]) || bytes[start] == '-') return is_number(bytes, start, end);
    if (end - start == 4) return memcmp(bytes + start, "true", 4) == 0;
    return end - start == 5 && memcmp(bytes + start, "false", 5) == 0;
}

// The word at `at`, or what there is of it.
static inline uint64_t load_some(const uint8_t *bytes, size_t at, size_t length) {
    const uint64_t word = load64(bytes + at);
    return length - at >= 8 ? word : word & ((1ull << 8 * (length - at)) - 1);
}

static inline int is_key(const plumb_json_walk *walk, uint32_t index, size_t start, size_t length, uint32_t parent) {
    const plumb_key_node *node = walk->nodes + index;
    if (node->length != length || node->parent != parent) return 0;
    const uint8_t *text = walk->bytes + start, *key = walk->lead_bytes + node->offset + 1;
    for (size_t at = 0; at < length; at += 8)
        if (load_some(text, at, length) != load_some(key, at, length)) return 0;
    return 1;
}

// The key between two quotes if it is one of those that were seen to follow; 0 for any other.
static inline uint32_t match(const plumb_json_walk *walk, size_t start, size_t length, uint32_t previous,
                             uint32_t parent) {
    plumb_key_node *before = walk->nodes + previous;
    for (unsigned rank = 0; rank < PLUMB_FOLLOWERS; rank++) {
        const uint32_t next = before->next[rank];
        if (!is_key(walk, next, start, length, parent)) continue;
        if (rank) plumb_raise_follower(before, rank);
        return next;
    }
    return 0;
}

// Behind a value: a comma, or the ends of objects and then a comma; 1 with the record's last brace, -1 for anything else.
static inline int close_objects(const plumb_json_walk *walk, plumb_json_cursor *at) {
    for (;;) {
        if (at->entry >= walk->entry_count) return -1;
        const uint32_t mark = walk->entries[at->entry];
        if ((mark & OFFSET) != at->end || (kind(mark) != ',' && kind(mark) != '}')) return -1;
        at->entry++;
        at->end++;
        if (kind(mark) == ',') return 0;
        if (at->depth == 0) return 1;
        at->parent = walk->parents[--at->depth];
    }
}

int plumb_json_fields(const plumb_json_walk *walk, size_t row, plumb_json_cursor *cursor) {
    plumb_json_cursor at = *cursor;
    // A field takes five entries at most, and then those that close it.
    while (at.entry + 5 < walk->entry_count) {
        const uint32_t *entry = walk->entries + at.entry;
        const size_t start = entry[0] & OFFSET, key_end = entry[1] & OFFSET, colon = entry[2] & OFFSET;
        if (kind(entry[0]) != '"' || kind(entry[1]) != '"' || kind(entry[2]) != ':') break;
        if (start != at.end || colon != key_end + 1) break;
        const uint32_t node = match(walk, start + 1, key_end - start - 1, at.previous, at.parent);
        if (!node) break;
        const int32_t column = walk->nodes[node].column;
        const size_t place = entry[3] & OFFSET;
        const uint8_t mode = kind(entry[3]);
        plumb_json_cursor next = at;
        plumb_slice value;
        next.previous = node;
        if (mode == '"' && place == colon + 1) {
            const size_t end = entry[4] & OFFSET;
            if (kind(entry[4]) != '"' || end == place + 1) break;
            while (walk->backslashes[next.slash] < place) next.slash++;
            if (walk->backslashes[next.slash] < end) break;
            value = (plumb_slice){(uint32_t)place + 1, (uint32_t)(end - place - 1)};
            next.entry += 5;
            next.end = end + 1;
        } else if (mode == ',' || mode == '}') {
            if (!is_scalar(walk->bytes, colon + 1, place)) break;
            value = (plumb_slice){(uint32_t)colon + 1, (uint32_t)(place - colon - 1)};
            next.entry += 3;
            next.end = place;
        } else if (mode == '{' && place == colon + 1) {
            // The record itself is the first level.
            if (at.depth + 1 >= walk->deepest || kind(entry[4]) == '}') break;
            walk->parents[at.depth] = at.parent;
            next.depth++;
            next.parent = node;
            next.entry += 4;
            next.end = place + 1;
            at = next;
            continue;
        } else {
            break;
        }
        const size_t cell = (size_t)column * walk->stride + row;
        if (column == UNASSIGNED || (column >= 0 && cell >= walk->cell_count)) break;
        next.fields++;
        const int closed = close_objects(walk, &next);
        if (closed < 0) break;
        if (column >= 0) walk->cells[cell] = value;
        at = next;
        if (closed) {
            *cursor = at;
            return 1;
        }
    }
    *cursor = at;
    return 0;
}
