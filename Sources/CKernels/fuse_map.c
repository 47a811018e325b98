#include "fuse_map.h"
#include <string.h>

void plumb_count_partitions(const uint64_t *keys, size_t count, unsigned shift, uint32_t *counts) {
    for (size_t index = 0; index < count; index++) counts[(keys[index] >> shift) + 1]++;
}

void plumb_partition_keys(const uint64_t *keys, size_t count, uint8_t group, unsigned shift, uint32_t *next,
                          uint64_t *sorted, uint8_t *groups) {
    for (size_t index = 0; index < count; index++) {
        const uint32_t place = next[keys[index] >> shift]++;
        sorted[place] = keys[index];
        groups[place] = group;
    }
}

// Keys whose slots are on their way into the cache while an earlier one is looked up.
#define KEYS_AHEAD 8

size_t plumb_first_groups(const uint64_t *keys, const uint8_t *groups, size_t count, uint32_t *slots, size_t mask,
                          uint64_t *unique, uint32_t *first, uint8_t *latest, uint64_t *further, size_t *further_count) {
    size_t known = 0, more = 0;
    memset(slots, 0, (mask + 1) * sizeof *slots);
    for (size_t index = 0; index < count; index++) {
        if (index + KEYS_AHEAD < count) __builtin_prefetch(slots + (keys[index + KEYS_AHEAD] & mask), 1);
        const uint64_t key = keys[index];
        const uint8_t group = groups[index];
        size_t slot = key & mask;
        while (slots[slot] && unique[slots[slot] - 1] != key) slot = (slot + 1) & mask;
        if (!slots[slot]) {
            unique[known] = key;
            first[known] = group;
            latest[known] = group;
            slots[slot] = (uint32_t)++known;
        } else if (latest[slots[slot] - 1] != group) {
            latest[slots[slot] - 1] = group;
            further[more++] = key >> 32 << 8 | group;
        }
    }
    *further_count = more;
    return known;
}

static inline uint64_t hash_key(uint64_t key, uint64_t seed) {
    uint64_t mixed = key + seed;
    mixed = (mixed ^ (mixed >> 33)) * 0xFF51AFD7ED558CCDu;
    mixed = (mixed ^ (mixed >> 33)) * 0xC4CEB9FE1A85EC53u;
    return mixed ^ (mixed >> 33);
}

typedef struct {
    size_t at[3];
} places;

static inline places places_of(uint64_t hash, plumb_fuse_shape shape) {
    const uint64_t segment = 1ull << shape.segment_bits, mask = segment - 1;
    const uint64_t first = (uint64_t)((__uint128_t)hash * ((uint64_t)shape.segment_count << shape.segment_bits) >> 64);
    return (places){{first, (first + segment) ^ (hash >> 18 & mask), (first + 2 * segment) ^ (hash & mask)}};
}

static inline void take_out(plumb_fuse_cell *cells, size_t cell, uint32_t key, uint8_t place, uint32_t *queue, size_t *end) {
    cells[cell].key ^= key;
    cells[cell].place ^= place;
    queue[*end] = (uint32_t)cell;
    // A cell is left to one key once at most, so the queue holds every cell once.
    *end += --cells[cell].degree == 1;
}

int plumb_fuse_peel(const uint64_t *keys, size_t count, plumb_fuse_shape shape, uint64_t *hashes, plumb_fuse_cell *cells,
                    size_t cell_count, uint64_t *order, uint32_t *queue) {
    memset(cells, 0, cell_count * sizeof *cells);
    int overflow = 0;
    for (size_t key = 0; key < count; key++) {
        const uint64_t hash = hash_key(keys[key], shape.seed);
        const places own = places_of(hash, shape);
        hashes[key] = hash;
        for (uint8_t place = 0; place < 3; place++) {
            plumb_fuse_cell *cell = cells + own.at[place];
            cell->key ^= (uint32_t)key;
            cell->place ^= place;
            overflow |= ++cell->degree == 0;
        }
    }
    if (overflow) return 0;
    size_t end = 0, peeled = 0;
    for (size_t cell = 0; cell < cell_count; cell++) {
        queue[end] = (uint32_t)cell;
        end += cells[cell].degree == 1;
    }
    for (size_t next = 0; next < end; next++) {
        const plumb_fuse_cell cell = cells[queue[next]];
        if (cell.degree != 1) continue;
        order[peeled++] = cell.key | (uint64_t)cell.place << 32;
        const places own = places_of(hashes[cell.key], shape);
        take_out(cells, own.at[0], cell.key, 0, queue, &end);
        take_out(cells, own.at[1], cell.key, 1, queue, &end);
        take_out(cells, own.at[2], cell.key, 2, queue, &end);
    }
    return peeled == count;
}

void plumb_fuse_assign(const uint64_t *hashes, const uint32_t *values, const uint64_t *order, size_t count,
                       plumb_fuse_shape shape, unsigned fingerprint_bits, uint32_t *contents, size_t cell_count) {
    const uint64_t mask = (1ull << fingerprint_bits) - 1;
    memset(contents, 0, cell_count * sizeof *contents);
    for (size_t index = count; index-- > 0;) {
        const uint32_t key = (uint32_t)order[index];
        const uint64_t hash = hashes[key];
        const places own = places_of(hash, shape);
        const uint32_t wanted = (uint32_t)((uint64_t)values[key] << fingerprint_bits | ((hash ^ hash >> 32) & mask));
        const uint32_t others = contents[own.at[0]] ^ contents[own.at[1]] ^ contents[own.at[2]];
        contents[own.at[order[index] >> 32]] ^= others ^ wanted;
    }
}
