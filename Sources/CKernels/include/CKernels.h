// All kernels.
#pragma once
#include "columns.h"
#include "free_memory.h"
#include "json_index.h"
#include "kernels.h"
#include "message_split.h"
#include "scans.h"
