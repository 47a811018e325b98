// When a file was made.
#pragma once
#include <stdint.h>

/// Nanoseconds since 1970 at which the file behind `path` was made; 0 if the file system does not keep that. Links are
/// followed.
int64_t plumb_file_birth(const char *path);
