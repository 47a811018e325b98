#include "free_memory.h"
#include <stdlib.h>

#ifdef __GLIBC__
#include <malloc.h>

void plumb_release_free_memory(void) { malloc_trim(0); }
#else
void plumb_release_free_memory(void) {}
#endif
