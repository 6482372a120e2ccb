// The command line of rootlet-platform: which commands there are, how their words are read, what
// --help teaches, how an error is told. A command itself only does its work and reports
// (commands_*.cpp).
#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/clock.hpp"
#include "core/text.hpp"
#include "platform/realm/realm.hpp"

namespace rootlet::platform {

struct OptionSpec {
  std::string_view name;   // without dashes
  std::string_view value;  // how help names it; empty for a flag
  std::string_view help;
  bool required = false;
};

// What a command was given.
class CommandInput {
 public:
  CommandInput(std::map<std::string, std::string> values, const Clock& clock)
      : values_(std::move(values)), clock_(clock) {}

  bool has(std::string_view name) const { return values_.contains(std::string(name)); }
  std::string text(std::string_view name, std::string fallback = "") const;
  // kUsage unless it is a whole number in the range; `fallback` if it was not given.
  Result<int> number(std::string_view name, int min, int max, int fallback) const;
  std::vector<std::string> list(std::string_view name) const;  // split at commas

  bool json() const { return has("json"); }
  fs::path realm_folder() const;  // --realm, ROOTLET_REALM, "."
  Result<Realm> open_realm() const { return Realm::open(realm_folder()); }
  UnixTime now() const { return clock_.wall(); }
  const Clock& clock() const { return clock_; }

 private:
  std::map<std::string, std::string> values_;
  const Clock& clock_;
};

struct Command {
  std::string_view name;  // one word or two
  std::vector<std::string_view> arguments;
  std::string_view summary;
  std::string_view details;
  std::string_view example;
  std::vector<OptionSpec> options;
  Status (*run)(const CommandInput& input);
  std::size_t optional_arguments = 0;  // how many of the last arguments may be missing
};

std::vector<Command> realm_commands();      // init, verify
std::vector<Command> service_commands();    // serve
std::vector<Command> catalogue_commands();  // dataset, form, publish
std::vector<Command> office_commands();     // office, grant
std::vector<Command> inbox_commands();      // inbox
std::vector<Command> pack_commands();       // pack

// Runs one command line; gives the exit code of DESIGN 7.1.
int run_platform(std::span<const char* const> arguments, const Clock& clock);

}  // namespace rootlet::platform
