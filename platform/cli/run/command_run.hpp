// What a command of the platform receives, and how it is run. A command only does its work and
// reports.
#pragma once

#include "config/cli/arguments.hpp"
#include "config/cli/command.hpp"
#include "config/output/cli_output.hpp"
#include "core/clock.hpp"
#include "core/format/json_values.hpp"
#include "platform/realm/realm.hpp"

namespace rootlet::platform {

struct CommandRun {
  const Arguments& arguments;
  const CliOutput& output;
  const Clock& clock;
  fs::path* entered = nullptr;  // gets the folder of enter_realm()

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
// For commands that change what is published: afterwards, when the realm's lock is free again, the
// bucket is brought up to date, if the realm has one.
CommandFunction with_bucket(Status (*run)(const CommandRun&));
CommandFunction with_bucket_and_code(Result<int> (*run)(const CommandRun&));

}  // namespace rootlet::platform
