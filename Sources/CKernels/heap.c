#include "heap.h"
#include <malloc.h>

int plumb_limit_heaps(int count) { return mallopt(M_ARENA_MAX, count); }
