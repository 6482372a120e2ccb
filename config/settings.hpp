// The agent's settings. A value comes from the first of four places that has one: a flag, the
// environment (ROOTLET_*), the configuration file (key = value lines), the default. The flag
// --realm stands for home, socket and configuration file (realm_places.hpp). All mistakes are
// reported at once, each with its place, and nothing runs with a setting that it cannot honour.
#pragma once

#include <chrono>
#include <filesystem>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "config/cli/arguments.hpp"
#include "config/units.hpp"
#include "core/log.hpp"

namespace rootlet {

inline constexpr std::string_view kDefaultConfigFile = "/etc/rootlet/rootlet.conf";

struct Settings {
  std::string realm;  // --realm; empty: the agent without a name
  std::filesystem::path home;
  std::filesystem::path socket;  // HOME/agent.sock unless set
  std::string socket_group;      // empty: every user may connect, and roles decide
  // Members of these groups hold the roles; empty: nobody does.
  std::string clerk_group = "rootlet-clerk";
  std::string operator_group = "rootlet-operator";
  std::string auditor_group = "rootlet-auditor";
  std::string url;             // empty: the invitation's
  std::string repository_url;  // empty: the invitation's, else `url`
  std::chrono::milliseconds poll{60'000};
  std::uint64_t limit_rate = 0;           // bytes per second; 0: none
  std::vector<DayWindow> download_hours;  // when data may be fetched; none: always
  std::uint64_t monthly_bytes = 0;        // over the link, before data is deferred; 0: no limit
  LogLevel log_level = LogLevel::kInfo;
  std::string ca_file;
  std::string proxy;
  std::string api_listen;      // HOST:PORT on loopback; "auto": 8460, else any free port; "off"
  std::string console_listen;  // HOST:PORT on the office's network; empty: off
  std::vector<std::string> console_names;  // of this machine there; empty: its host name
  std::string anchor;  // the TPM that vouches for the home, as libtss2 names it; empty: none
  std::chrono::milliseconds console_idle{900'000};  // after which a console session ends
};

// Where one setting's value came from, as text, for `check-config`.
struct SettingOrigin {
  std::string key;
  std::string value;
  std::string from;   // "flag", "environment", "file", "default"
  std::string where;  // "--poll", "ROOTLET_POLL", "/etc/rootlet/rootlet.conf:3", ""
};

struct SettingMistake {
  std::string where;  // as above, so that an editor can jump to it
  std::string key;
  std::string message;
};

struct LoadedSettings {
  Settings settings;
  std::vector<SettingOrigin> origins;    // one per setting, in the order of the help
  std::vector<SettingMistake> mistakes;  // with any of them, `settings` must not be used
  std::vector<std::string>
      notices;  // of the file's encoding; ROOTLET_ variables that name no setting
};

// The flags of all settings, and --config.
std::vector<OptionSpec> setting_options();

// Reads the file that --config or ROOTLET_CONFIG names, which must exist; else the default file, if
// it exists. Never fails: mistakes are in the result.
LoadedSettings load_settings(const Arguments& flags,
                             const std::map<std::string, std::string>& environment,
                             const std::filesystem::path& default_file = kDefaultConfigFile);

std::map<std::string, std::string> process_environment();

// All mistakes as one kUsage error, one to a line: "<where>: <key>: <message>".
Error mistakes_error(std::span<const SettingMistake> mistakes);

}  // namespace rootlet
