// Status, sync reports and findings as text for people. Pure: JSON in, words out.
#pragma once

#include "core/format/json.hpp"

namespace rootlet::agent {

std::string status_text(const json::object& status, Language language);
std::string sync_text(const json::object& report, Language language);
std::string doctor_text(const json::object& findings, Language language);

}  // namespace rootlet::agent
