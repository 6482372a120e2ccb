// Where the agent of a named realm keeps its things, so that the offices of two realms (a county's
// and a ministry's) work side by side on one machine: the unit rootlet@NAME.service and the option
// --realm NAME both use these places. The agent without a name uses the packaged defaults.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "core/result.hpp"

namespace rootlet {

struct RealmPlaces {
  std::filesystem::path home;         // /var/lib/rootlet-NAME
  std::filesystem::path socket;       // /run/rootlet-NAME/agent.sock
  std::filesystem::path config_file;  // /etc/rootlet/NAME.conf; need not exist
};

// kBadInput unless `name` has 1 to limits::kRealmNameBytes letters, digits and dashes, begins with
// a letter or digit, and is not a name that the packages use themselves ("rootlet", "platform").
Result<RealmPlaces> places_of_realm(std::string_view name);

// The command that starts the daemon of `home`: systemctl if a packaged unit has that home.
std::string start_command(std::string_view realm, const std::filesystem::path& home);

}  // namespace rootlet
