// All kernels.
#pragma once
#include "columns.h"
#include "file_birth.h"
#include "json_index.h"
#include "kernels.h"
#include "message_split.h"
