// Mapped files whose pages may turn out unreadable: a bad sector, or a file that was cut short under its reader.
#pragma once
#include <stddef.h>
#include <stdint.h>

/// A mapping that is watched.
struct plumb_watched_map;

/// Watches a mapping from now on: where a page of it cannot be read, a page of zeros takes its place for good and is
/// counted, and the process goes on. Readers compare counts before and after. NULL without memory for it or without
/// the handler of SIGBUS. Any thread; lock-free but for the first call.
struct plumb_watched_map *plumb_watch_map(const void *start, size_t length);
/// Pages that could not be read so far.
int64_t plumb_lost_pages(const struct plumb_watched_map *map);
/// Ends watching, before the mapping is taken down.
void plumb_unwatch_map(struct plumb_watched_map *map);
