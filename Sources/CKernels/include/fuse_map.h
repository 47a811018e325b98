// Kernels that build static maps of keys (binary fuse filters that hold a small number a key) and what goes into them.
#pragma once
#include <stddef.h>
#include <stdint.h>

/// Where the three cells of a key lie.
typedef struct {
    uint64_t seed;
    uint32_t segment_bits;
    uint32_t segment_count;
} plumb_fuse_shape;

/// One cell while keys are peeled: the exclusive or of the keys that use it and of which of their cells it is, and how many
/// they are.
typedef struct {
    uint32_t key;
    uint8_t place;
    uint8_t degree;
} plumb_fuse_cell;

/// Counts keys by their highest bits (`key >> shift`) into `counts[1…]`, which were zero.
void plumb_count_partitions(const uint64_t *keys, size_t count, unsigned shift, uint32_t *counts);

/// Sorts keys by their highest bits, equal ones in their order, each with the same group: `next` says where the next key of
/// each partition goes, and moves on.
void plumb_partition_keys(const uint64_t *keys, size_t count, uint8_t group, unsigned shift, uint32_t *next,
                          uint64_t *sorted, uint8_t *groups);

/// Every distinct key in the order of first appearance, with its first group; returns how many. Groups ascend over the
/// keys. A key's later groups are written to `further`, `key >> 32 << 8 | group`, each once. `slots` holds `mask + 1`
/// entries, a power of two, more than `count`; `unique`, `first` and `further` have room for `count`, `latest` too.
size_t plumb_first_groups(const uint64_t *keys, const uint8_t *groups, size_t count, uint32_t *slots, size_t mask,
                          uint64_t *unique, uint32_t *first, uint8_t *latest, uint64_t *further, size_t *further_count);

/// Finds an order of the keys in which each has a cell to itself among those that come later: 1 with `order` filled, `key |
/// place << 32` each, or 0 if the keys do not peel under this seed. `hashes` and `order` have room for `count`, `cells` for
/// `cell_count`, `(segment_count + 2) << segment_bits`, and `queue` for one more.
int plumb_fuse_peel(const uint64_t *keys, size_t count, plumb_fuse_shape shape, uint64_t *hashes, plumb_fuse_cell *cells,
                    size_t cell_count, uint64_t *order, uint32_t *queue);

/// The contents of all cells, `values[key] << fingerprint_bits | fingerprint` for each key as the exclusive or of its three
/// cells; `contents` has room for `cell_count`.
void plumb_fuse_assign(const uint64_t *hashes, const uint32_t *values, const uint64_t *order, size_t count,
                       plumb_fuse_shape shape, unsigned fingerprint_bits, uint32_t *contents, size_t cell_count);
