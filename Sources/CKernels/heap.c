#include "heap.h"
#include <malloc.h>

int plumb_limit_heaps(int count) { return mallopt(M_ARENA_MAX, count); }

int plumb_keep_free_memory(int trim, int map) {
    return mallopt(M_TRIM_THRESHOLD, trim) && mallopt(M_MMAP_THRESHOLD, map);
}
