// The C allocator's knobs, whose header Swift does not see.
#pragma once

/// At most `count` heaps for all threads; 0 if the allocator refuses.
int plumb_limit_heaps(int count);
