#include "column_coder.h"
#include "padded_values.h"

typedef struct {
    const uint8_t *source;
    size_t source_length;
    const uint8_t *more;
    size_t more_length;
    uint8_t *arena;
    size_t used;
    size_t capacity;
} places;

static inline int is_value(const places *at, plumb_slice cell) {
    const size_t end = (size_t)cell.offset + cell.length;
    return cell.offset < at->source_length ? end <= at->source_length : end <= at->source_length + at->more_length;
}

static inline const uint8_t *value_of(const places *at, plumb_slice cell) {
    const size_t offset = cell.offset;
    return offset < at->source_length ? at->source + offset : at->more + (offset - at->source_length);
}

// Whether any of some rows has a value: most fields are those of few records.
static inline int any_value(const plumb_slice *cells, size_t rows) {
    uint32_t lengths = 0;
    for (size_t row = 0; row < rows; row++) lengths |= cells[row].length;
    return lengths != 0;
}

static int copy_rows(places *at, plumb_slice *cells, size_t rows) {
    places here = *at;
    for (size_t row = 0; row < rows; row++) {
        const plumb_slice cell = cells[row];
        if (cell.length == 0) continue;
        const uint8_t *value = here.source + cell.offset;
        if (here.used + cell.length + 32 > here.capacity) return 0;
        if ((size_t)cell.offset + cell.length > here.source_length) {
            if (!is_value(&here, cell)) return 0;
            value = value_of(&here, cell);
        }
        copy_padded(here.arena + here.used, value, cell.length);
        cells[row].offset = (uint32_t)here.used;
        here.used += cell.length;
    }
    at->used = here.used;
    return 1;
}

// Rows whose hashes are known before the first is looked up: the table's cache lines are on their way meanwhile.
#define ROWS_AHEAD 64

typedef struct {
    uint32_t row;
    uint32_t hash;
} ahead;

// The rows that have a value, and how far the values reach.
static inline size_t find_rows(const plumb_slice *cells, uint32_t *codes, size_t rows, ahead *found, uint64_t *reach) {
    size_t present = 0;
    uint64_t furthest = 0;
    for (size_t row = 0; row < rows; row++) {
        codes[row] = 0;
        found[present].row = (uint32_t)row;
        present += cells[row].length != 0;
        const uint64_t end = (uint64_t)cells[row].offset + cells[row].length;
        furthest = end > furthest ? end : furthest;
    }
    *reach = furthest;
    return present;
}

static inline uint32_t find_value(uint32_t hash, const uint8_t *value, uint32_t length, const uint8_t *arena,
                                  const uint64_t *slots, uint64_t mask, const plumb_value *values, uint64_t *place) {
    uint64_t slot = hash & mask;
    for (; slots[slot]; slot = (slot + 1) & mask) {
        if ((uint32_t)(slots[slot] >> 32) != hash) continue;
        const uint32_t known = (uint32_t)slots[slot];
        if (values[known].length == length && equal_padded(arena + values[known].offset, value, length)) return known;
    }
    *place = slot;
    return 0;
}

// Rows of one column that have a value. Where none stands in `more`, `is_split` is 0 and nothing asks for it.
static inline __attribute__((always_inline)) int code_present(places *at, plumb_slice *cells, uint32_t *codes, ahead *found,
                                                              size_t present, plumb_coder *coder, uint64_t *slots,
                                                              plumb_value *values, int is_split) {
    places here = *at;
    for (size_t index = 0; index < present; index++) {
        const plumb_slice cell = cells[found[index].row];
        if (is_split && !is_value(&here, cell)) return 0;
        const uint32_t hash = hash_padded(is_split ? value_of(&here, cell) : here.source + cell.offset, cell.length);
        found[index].hash = hash;
        __builtin_prefetch(slots + (hash & coder->mask));
    }
    for (size_t index = 0; index < present; index++) {
        const size_t row = found[index].row;
        const uint32_t length = cells[row].length;
        const uint8_t *value = is_split ? value_of(&here, cells[row]) : here.source + cells[row].offset;
        uint64_t place = 0;
        uint32_t code = find_value(found[index].hash, value, length, here.arena, slots, coder->mask, values, &place);
        if (code == 0) {
            if (here.used + length + 32 > here.capacity) return 0;
            code = coder->count++;
            slots[place] = (uint64_t)found[index].hash << 32 | code;
            copy_padded(here.arena + here.used, value, length);
            values[code] = (plumb_value){(uint32_t)here.used, length, found[index].hash, 0};
            here.used += length;
        }
        values[code].count++;
        codes[row] = code;
        cells[row].offset = values[code].offset;
    }
    coder->present += (uint32_t)present;
    *at = here;
    return 1;
}

static int code_rows(places *at, plumb_slice *cells, uint32_t *codes, size_t rows, plumb_coder *coder, uint64_t *slots,
                     plumb_value *values) {
    ahead found[ROWS_AHEAD];
    uint64_t reach = 0;
    const size_t present = find_rows(cells, codes, rows, found, &reach);
    return reach > at->source_length ? code_present(at, cells, codes, found, present, coder, slots, values, 1)
                                     : code_present(at, cells, codes, found, present, coder, slots, values, 0);
}

static int code_column(places *at, plumb_slice *cells, uint32_t *codes, size_t rows, plumb_coder *coder, uint64_t *slots,
                       plumb_value *values) {
    for (size_t row = 0; row < rows; row += ROWS_AHEAD) {
        const size_t some = rows - row < ROWS_AHEAD ? rows - row : ROWS_AHEAD;
        if (!any_value(cells + row, some)) {
            memset(codes + row, 0, some * sizeof *codes);
            continue;
        }
        if (!code_rows(at, cells + row, codes + row, some, coder, slots, values)) return 0;
    }
    // Span IDs, messages, durations: what seldom recurs is not worth looking for.
    if (coder->present >= 512 && (uint64_t)coder->count * 5 > (uint64_t)coder->present * 2) coder->is_coded = 0;
    return 1;
}

ptrdiff_t plumb_code_rows(const uint8_t *source, size_t source_length, const uint8_t *more, size_t more_length,
                          plumb_slice *cells, uint32_t *codes, size_t stride, size_t first, size_t end, size_t columns,
                          plumb_coder *coders, uint64_t *slots, plumb_value *values, uint8_t *arena, size_t used,
                          size_t capacity) {
    places at = {source, source_length, more, more_length, arena, used, capacity};
    for (size_t column = 0; column < columns; column++) {
        plumb_coder *coder = coders + column;
        plumb_slice *cell = cells + column * stride + first;
        const int fine = coder->is_coded ? code_column(&at, cell, codes + column * stride + first, end - first, coder,
                                                       slots + coder->slots, values + coder->values)
                                         : copy_rows(&at, cell, end - first);
        if (!fine) return -1;
    }
    return (ptrdiff_t)at.used;
}

ptrdiff_t plumb_take_entries(const uint8_t *source, size_t source_length, plumb_slice *cells, size_t stride, size_t rows,
                             size_t columns, size_t first, plumb_entry *entries, size_t room, size_t *count,
                             uint8_t *arena, size_t used, size_t capacity) {
    places at = {source, source_length, 0, 0, arena, used, capacity};
    size_t taken = 0;
    for (size_t column = 0; column < columns; column++) {
        plumb_slice *cell = cells + column * stride;
        if (!any_value(cell, rows)) continue;
        for (size_t row = 0; row < rows; row++) {
            plumb_slice slice = cell[row];
            if (slice.length == 0) continue;
            if (taken == room) return -1;
            if (source) {
                if (!is_value(&at, slice) || at.used + slice.length + 32 > at.capacity) return -1;
                copy_padded(arena + at.used, value_of(&at, slice), slice.length);
                slice.offset = (uint32_t)at.used;
                at.used += slice.length;
            }
            entries[taken++] = (plumb_entry){(uint32_t)column, (uint32_t)(first + row), slice};
            cell[row] = (plumb_slice){0, 0};
        }
    }
    *count = taken;
    return (ptrdiff_t)at.used;
}

void plumb_sort_entries(const plumb_entry *entries, size_t count, size_t columns, uint32_t *rows, plumb_slice *slices,
                        uint32_t *ends) {
    memset(ends, 0, columns * sizeof *ends);
    for (size_t index = 0; index < count; index++) ends[entries[index].column]++;
    uint32_t start = 0;
    for (size_t column = 0; column < columns; column++) {
        const uint32_t own = ends[column];
        ends[column] = start;
        start += own;
    }
    // What begins as the start of a column's entries is their end once all of them have their places.
    for (size_t index = 0; index < count; index++) {
        const uint32_t place = ends[entries[index].column]++;
        rows[place] = entries[index].row;
        slices[place] = entries[index].slice;
    }
}

void plumb_code_refill(const plumb_coder *coder, uint64_t *slots, const plumb_value *values) {
    slots += coder->slots;
    values += coder->values;
    memset(slots, 0, ((size_t)coder->mask + 1) * sizeof *slots);
    for (uint32_t code = 1; code < coder->count; code++) {
        uint64_t slot = values[code].hash & (uint64_t)coder->mask;
        while (slots[slot]) slot = (slot + 1) & coder->mask;
        slots[slot] = (uint64_t)values[code].hash << 32 | code;
    }
}

void plumb_code_clear(plumb_coder *coder, uint64_t *slots, const plumb_value *values) {
    slots += coder->slots;
    values += coder->values;
    if (coder->count > coder->mask / 16) {
        memset(slots, 0, ((size_t)coder->mask + 1) * sizeof *slots);
    } else {
        // The first values of a chain must not be emptied while a later one is still to be found.
        for (uint32_t code = coder->count; code-- > 1;) {
            uint64_t slot = values[code].hash & (uint64_t)coder->mask;
            while ((uint32_t)slots[slot] != code) slot = (slot + 1) & coder->mask;
            slots[slot] = 0;
        }
    }
    // What a small batch shows too holds for the next ones.
    if (coder->present >= 64 && (uint64_t)coder->count * 5 > (uint64_t)coder->present * 2) coder->is_coded = 0;
    coder->count = 1;
    coder->present = 0;
}
