#include "json_records.h"
#include "json_numbers.h"
#include "values.h"

#define UNASSIGNED (-2)

// Whether a long lead goes on as it should behind its first 16 bytes.
static int is_rest(const uint8_t *at, const uint8_t *lead, size_t length) {
    for (size_t place = 16; place + 8 < length; place += 8)
        if (load64(at + place) != load64(lead + place)) return 0;
    return load64(at + length - 8) == load64(lead + length - 8);
}

// Whether a key is the next one, with all that stands between its quote and its value.
static inline int is_next(const plumb_json_lines *lines, uint32_t index, const uint8_t *at, uint32_t parent) {
    const plumb_key_node *node = lines->nodes + index;
    if (((load64(at) ^ node->head) | (load64(at + node->tail_at) ^ node->tail)) & node->kept) return 0;
    if (node->parent != parent) return 0;
    return node->lead_length <= 16 || is_rest(at, lines->lead_bytes + node->offset, node->lead_length);
}

static inline uint32_t follower(const plumb_json_lines *lines, uint32_t previous, const uint8_t *at, uint32_t parent) {
    plumb_key_node *before = lines->nodes + previous;
    for (unsigned rank = 0; rank < PLUMB_FOLLOWERS; rank++) {
        const uint32_t next = before->next[rank];
        if (!is_next(lines, next, at, parent)) continue;
        if (rank) plumb_raise_follower(before, rank);
        return next;
    }
    return 0;
}

static inline int is_hex(uint8_t byte) { return is_digit(byte) || (uint8_t)((byte | 0x20) - 'a') < 6; }

// Whether JSON knows the escapes from backslash `slash` on that stand before `end`, where a quote is.
static int escapes_are_right(const plumb_json_lines *lines, size_t slash, size_t end) {
    while (lines->backslashes[slash] < end) {
        const size_t place = lines->backslashes[slash];
        const uint8_t *letter = lines->bytes + place + 1;
        switch (*letter) {
        case '"': case '\\': case '/': case 'n': case 't': case 'r': case 'b': case 'f': break;
        case 'u':
            if (is_hex(letter[1]) && is_hex(letter[2]) && is_hex(letter[3]) && is_hex(letter[4])) break;
            return 0;
        default: return 0;
        }
        // An escaped backslash stands in the list itself.
        slash += lines->backslashes[slash + 1] == place + 1 ? 2 : 1;
    }
    return 1;
}

// Behind a number or a literal; 0 if none stands there.
static inline size_t scalar_end(const uint8_t *bytes, size_t at) {
    uint32_t word;
    if (is_digit(bytes[at]) || bytes[at] == '-') return number_end(bytes, at);
    memcpy(&word, bytes + at, 4);
    if (word == 0x65757274u || word == 0x6C6C756Eu) return at + 4;  // true, null
    if (bytes[at] != 'f') return 0;
    memcpy(&word, bytes + at + 1, 4);
    return word == 0x65736C61u ? at + 5 : 0;  // false
}

typedef struct {
    size_t mark, slash, end;
    uint32_t previous, parent;
    size_t depth;
} position;

// A string whose opening quote is `start`; `cell` is NULL if nobody wants it. 0 where it is none.
static inline int read_string(const plumb_json_lines *lines, plumb_json_place *place, size_t start, plumb_slice *cell,
                              position *at) {
    const size_t end = lines->marks[at->mark + 3];
    if (lines->bytes[end] != '"') return 0;
    if (lines->backslashes[at->slash] < end) {
        while (lines->backslashes[at->slash] < start) at->slash++;
        if (lines->backslashes[at->slash] < end) {
            if (place->escaped_count == lines->escaped_room || !escapes_are_right(lines, at->slash, end)) return 0;
            if (cell) lines->escaped[place->escaped_count++] = (uint32_t)(cell - lines->cells);
        }
    }
    // The empty value has one form only, so that a cell never points behind a later arena.
    const uint32_t length = (uint32_t)(end - start - 1);
    if (cell) *cell = (plumb_slice){length ? (uint32_t)start + 1 : 0, length};
    at->mark += 4;
    at->end = end + 1;
    return 1;
}

// A number or a literal that begins at `start`. 0 where there is none.
static inline int read_scalar(const plumb_json_lines *lines, size_t start, plumb_slice *cell, position *at) {
    const size_t end = scalar_end(lines->bytes, start);
    if (!end) return 0;
    const int is_null = lines->bytes[start] == 'n';
    if (cell) *cell = is_null ? (plumb_slice){0, 0} : (plumb_slice){(uint32_t)start, (uint32_t)(end - start)};
    at->mark += 2;
    at->end = end;
    return 1;
}

// Behind a value: 0 with the next key to come, 1 behind the record's last brace, -1 for anything else.
static inline int close_value(const plumb_json_lines *lines, position *at) {
    for (;;) {
        const uint8_t byte = lines->bytes[at->end++];
        if (byte == ',') return 0;
        if (byte != '}') return -1;
        if (at->depth == 0) return 1;
        at->parent = lines->parents[--at->depth];
    }
}

// The next field, or the object that it opens. As `close_value`.
static inline int read_field(const plumb_json_lines *lines, plumb_json_place *place, position *at) {
    const uint8_t *bytes = lines->bytes;
    // The key is read from where the marks say it is, so that it need not wait for the end of the value before it.
    const size_t key = lines->marks[at->mark];
    if (key != at->end && (key != at->end + 1 || bytes[at->end] != ' ')) return -1;
    const uint32_t index = follower(lines, at->previous, bytes + key, at->parent);
    if (!index) return -1;
    const plumb_key_node *node = lines->nodes + index;
    const size_t start = key + node->lead_length;
    at->previous = index;
    if (bytes[start] == '{') {
        // The record itself is the first level.
        if (at->depth + 1 >= lines->deepest) return -1;
        lines->parents[at->depth++] = at->parent;
        at->parent = index;
        at->mark += 2;
        at->end = start + 1;
        return 0;
    }
    if (node->column == UNASSIGNED) return -1;
    plumb_slice *cell = node->column < 0 ? 0 : lines->cells + ((size_t)node->column * lines->stride + place->row);
    const int is_read = bytes[start] == '"' ? read_string(lines, place, start, cell, at)
                                            : read_scalar(lines, start, cell, at);
    return is_read ? close_value(lines, at) : -1;
}

static inline int read_record(const plumb_json_lines *lines, plumb_json_place *place) {
    position at = {place->mark, place->slash, place->line + 1, 0, 0, 0};
    if (lines->bytes[place->line] != '{') return 0;
    int closed;
    while ((closed = read_field(lines, place, &at)) == 0) {}
    if (closed < 0) return 0;
    at.end += lines->bytes[at.end] == '\r';
    if (lines->bytes[at.end] != '\n') return 0;
    // A field has two marks at least.
    if (at.mark - place->mark > 2 * lines->most_fields) return 0;
    place->line = at.end + 1;
    place->mark = at.mark + 1;
    place->slash = at.slash;
    return 1;
}

int plumb_json_records(const plumb_json_lines *lines, size_t end_row, plumb_json_place *place) {
    // What was read in another way is passed over.
    while (place->line < lines->length && lines->marks[place->mark] < place->line) place->mark++;
    while (lines->backslashes[place->slash] < place->line) place->slash++;
    while (place->line < lines->length && place->row < end_row) {
        const size_t escaped = place->escaped_count;
        if (!read_record(lines, place)) {
            place->escaped_count = escaped;
            // With room for all of its escapes the record may be a usual one.
            return !(escaped > 0 && lines->escaped_room - escaped < lines->most_fields);
        }
        place->row++;
    }
    return 0;
}
