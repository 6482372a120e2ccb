// Status, sync reports and findings as text for people. Pure: JSON in, text out.
#pragma once

#include "core/format/json.hpp"

namespace rootlet::agent {

// `max_width` is that of its tables, in terminal columns; 0 sets no limit.
std::string status_text(const json::object& status, Language language, std::size_t max_width);
std::string sync_text(const json::object& report, Language language);
std::string doctor_text(const json::object& findings, Language language);

}  // namespace rootlet::agent
