// Source files and how they do, as text in both languages and as JSON. Pure.
#pragma once

#include "platform/schedule/scheduled_publish.hpp"

namespace rootlet::platform {

// "ok", "new", "failing" or "alarm".
std::string_view state_of(const ScheduledSource& source, UnixTime now);
json::object json_source(const ScheduledSource& source, UnixTime now);
// One sentence for an alarm; empty if there is none.
Text alarm_text(const ScheduledSource& source, UnixTime now);

}  // namespace rootlet::platform
