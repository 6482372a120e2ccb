// Limits of what people on this machine and in this office may ask of the agent: the local API,
// search, SQL, watches. Apart from core/limits.hpp because few rooms need them.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

#include "core/limits.hpp"

namespace rootlet::limits {

}  // namespace rootlet::limits
