// The C allocator's knobs, whose header Swift does not see.
#pragma once

/// At most `count` heaps for all threads; 0 if the allocator refuses.
int plumb_limit_heaps(int count);
/// Keeps up to `trim` free bytes at the end of a heap for what is asked for next, and takes what is smaller than `map`
/// bytes from heaps; 0 if the allocator refuses.
int plumb_keep_free_memory(int trim, int map);
