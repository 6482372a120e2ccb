// The precompiled header of rooms that parse and print JSON.
#pragma once

#include "cmake/headers.hpp"
#include "core/format/json.hpp"
