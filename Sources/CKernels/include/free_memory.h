// The allocator's own door, which Swift's import of the C library leaves out.
#pragma once

/// Returns free memory of all arenas to the operating system, where the C library can.
void plumb_release_free_memory(void);
