// Times for people: in the reader's zone (TZ, else the machine's), with its offset. JSON and files
// keep UTC.
#pragma once

#include <string>
#include <string_view>

#include "core/clock.hpp"

namespace rootlet {

enum class TimeDetail { kMinutes, kSeconds };

// "2026-11-21 16:00 +08:00"
std::string local_time(UnixTime time, TimeDetail detail = TimeDetail::kMinutes);

// `text` with each time in our own form (2026-11-21T08:00:00Z) as local_time() writes it.
std::string with_local_times(std::string_view text, TimeDetail detail = TimeDetail::kMinutes);

}  // namespace rootlet
