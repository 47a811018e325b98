// The allocator's free memory.
#pragma once

/// Gives whole pages that the allocator keeps free back to the system, where it can (glibc).
void plumb_return_free_memory(void);
