// Forks of offices as JSON and as text for the operator: what they mean and what to do. Pure.
#pragma once

#include <span>
#include <string>

#include "core/format/json.hpp"
#include "platform/intake/intake.hpp"

namespace rootlet::platform {

json::array json_forks(std::span<const ForkEntry> forks);
std::size_t forks_of(std::span<const ForkEntry> forks, std::string_view office);
std::string forks_cell(std::span<const ForkEntry> forks, std::string_view office);  // "" if none

// A line for each fork, then its meaning; "" if there is none.
std::string forks_text(std::span<const ForkEntry> forks, Language language);

}  // namespace rootlet::platform
