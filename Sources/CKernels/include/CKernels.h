// All kernels.
#pragma once
#include "codes.h"
#include "column_coder.h"
#include "columns.h"
#include "file_birth.h"
#include "fuse_map.h"
#include "heap.h"
#include "json_index.h"
#include "kernels.h"
#include "memory_return.h"
#include "message_split.h"
#include "presence.h"
#include "scans.h"
