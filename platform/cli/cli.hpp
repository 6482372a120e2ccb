// The command line of `rootlet-platform`: its commands, with --realm as general option. A command
// only does its work and reports (commands_*.cpp).
#pragma once

#include "config/cli/arguments.hpp"
#include "config/cli/command.hpp"
#include "config/output/cli_output.hpp"
#include "core/clock.hpp"
#include "core/format/json_values.hpp"
#include "platform/realm/realm.hpp"

namespace rootlet::platform {

// What a command of the platform receives.
struct CommandRun {
  const Arguments& arguments;
  const CliOutput& output;
  const Clock& clock;

  // The realm's folder: --realm, else ROOTLET_REALM, else ".". From here on a command of root acts
  // as the folder's owner, so it opens the files that its caller named first.
  Result<fs::path> enter_realm() const;
  Result<Realm> open_realm() const;
  SigningClock signing_clock() const;  // with --accept-clock
  UnixTime now() const { return clock.wall(); }
};

// `run` with the system's clock; exit code 0 unless it fails.
CommandFunction with_clock(Status (*run)(const CommandRun&));
// The same for a command with exit codes of its own.
CommandFunction with_clock_and_code(Result<int> (*run)(const CommandRun&));

std::vector<Command> realm_commands();      // init, verify
std::vector<Command> renewal_commands();    // expiry, renew
std::vector<Command> root_commands();       // root
std::vector<Command> key_commands();        // key
std::vector<Command> recover_commands();    // recover
std::vector<Command> backup_commands();     // realm
std::vector<Command> service_commands();    // serve, keeper, worker
std::vector<Command> catalogue_commands();  // dataset, form
std::vector<Command> holder_commands();     // dataset holders
std::vector<Command> check_commands();      // dataset check, form check
std::vector<Command> publish_commands();    // publish
std::vector<Command> office_commands();     // office
std::vector<Command> grant_commands();      // grant
std::vector<Command> inbox_commands();      // inbox
std::vector<Command> pack_commands();       // pack

Program platform_program();

}  // namespace rootlet::platform
