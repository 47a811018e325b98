// The usual form of JSON lines: keys that follow one another as they did before, written without white space but for one
// space behind commas and colons. Records are read one after the other from where their strings begin and end.
#pragma once
#include "columns.h"
#include "json_fields.h"
#include <stddef.h>
#include <stdint.h>

/// Whole lines and what is read into. Behind the lines 128 bytes more are readable.
typedef struct {
    const uint8_t *bytes;
    size_t length;
    /// See `plumb_json_marks`; `backslashes` ends with `UINT32_MAX`.
    const uint32_t *marks;
    const uint32_t *backslashes;
    plumb_key_node *nodes;
    /// The leads of all nodes.
    const uint8_t *lead_bytes;
    /// `stride` to a column; every node's column and every row that may be read is among them.
    plumb_slice *cells;
    size_t stride;
    /// The enclosing objects of the open one; room for `deepest`.
    uint32_t *parents;
    size_t deepest;
    size_t most_fields;
    /// Gets the numbers of cells whose text has escapes, all of them right; a cell can be among them twice.
    uint32_t *escaped;
    size_t escaped_room;
} plumb_json_lines;

/// How far the lines are read.
typedef struct {
    /// Where the next line begins.
    size_t line;
    /// The first mark and the first backslash that may stand in it.
    size_t mark;
    size_t slash;
    size_t row;
    size_t escaped_count;
} plumb_json_place;

/// Reads records into rows below `end_row` and counts them. Returns 0 when all lines are read, the rows used up or the
/// list of escaped cells full; 1 before a line that is not of the usual form: an array, a key that was not seen there
/// before, an unknown escape, anything that is no record. Of such a line some cells of `place->row` may be filled, with
/// what any reader fills them with up to there.
int plumb_json_records(const plumb_json_lines *lines, size_t end_row, plumb_json_place *place);
