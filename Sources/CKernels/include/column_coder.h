// Turns rows that a parser has just cut into columns while their bytes are still in the first cache: each value is copied
// once from the buffer it was read in to the batch's arena, equal values of a column share one copy, and each row gets the
// number of its value. Called once for some dozens of rows, for all columns together.
#pragma once
#include "columns.h"

/// A distinct value of a column: where it stands in the arena, its hash, and how many rows have it.
typedef struct {
    uint32_t offset;
    uint32_t length;
    uint32_t hash;
    uint32_t count;
} plumb_value;

/// What is known of a column within a batch. Code 0 is the missing value, whether or not a row lacks one.
typedef struct {
    /// Where its hash table begins, `mask + 1` slots, and where its values begin, room for `(mask + 1) / 2`.
    uint32_t slots;
    uint32_t mask;
    uint32_t values;
    /// Distinct values, the missing one included.
    uint32_t count;
    /// Rows that have a value.
    uint32_t present;
    /// 0 once the values turned out to be nearly all different: they are copied only.
    uint32_t is_coded;
} plumb_coder;

/// Rows `first` up to `end` of all columns. Cell (column, row) is `cells[column * stride + row]` and points into `source`
/// or, from `source_length` on, into `more`: behind both 32 bytes more may be read. It is made to point into `arena`. `used`
/// bytes of the arena are taken, `capacity` can be; the 32 bytes behind the last value that is written may be overwritten.
/// Each coded column must have room for `end - first` values more.
///
/// Returns the bytes taken then, or -1 for a cell outside the sources or an arena that is too small.
ptrdiff_t plumb_code_rows(const uint8_t *source, size_t source_length, const uint8_t *more, size_t more_length,
                          plumb_slice *cells, uint32_t *codes, size_t stride, size_t first, size_t end, size_t columns,
                          plumb_coder *coders, uint64_t *slots, plumb_value *values, uint8_t *arena, size_t used,
                          size_t capacity);

/// A value, and the column and row that have it.
typedef struct {
    uint32_t column;
    uint32_t row;
    plumb_slice slice;
} plumb_entry;

/// Takes the values of the first `rows` rows out of their cells, which are empty then, column by column, row 0 as row
/// `first` of what has been taken before. As above they move from `source` to `arena`, or stay there if `source` is null.
/// `entries` has room for `room` of them; `count` is how many they were.
///
/// Returns the bytes of the arena taken then, or -1 for a cell outside the source or too little room.
ptrdiff_t plumb_take_entries(const uint8_t *source, size_t source_length, plumb_slice *cells, size_t stride, size_t rows,
                             size_t columns, size_t first, plumb_entry *entries, size_t room, size_t *count,
                             uint8_t *arena, size_t used, size_t capacity);

/// Orders entries by column, rows as they stand: `rows` and `slices` get one each, `ends[column]` where those of a column
/// end. `ends` has one a column and `columns` is above those of all entries.
void plumb_sort_entries(const plumb_entry *entries, size_t count, size_t columns, uint32_t *rows, plumb_slice *slices,
                        uint32_t *ends);

/// Builds a column's hash table anew after its place was changed.
void plumb_code_refill(const plumb_coder *coder, uint64_t *slots, const plumb_value *values);

/// Forgets a column's values and empties its table. O(values), or O(table) if that is less.
void plumb_code_clear(plumb_coder *coder, uint64_t *slots, const plumb_value *values);
