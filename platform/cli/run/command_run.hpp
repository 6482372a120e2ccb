// What the commands of `rootlet-platform` have in common: the realm that they work on, and the
// clock.
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

}  // namespace rootlet::platform
