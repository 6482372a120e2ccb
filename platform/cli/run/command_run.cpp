// The general options --realm and --accept-clock.
#include "platform/cli/run/command_run.hpp"

#include <cstdlib>

#include "core/file/boot.hpp"
#include "core/file/owner.hpp"

namespace rootlet::platform {
namespace {

fs::path realm_folder(const Arguments& arguments) {
  if (arguments.has("realm")) return arguments.value("realm");
  const char* variable = std::getenv("ROOTLET_REALM");
  return variable != nullptr && *variable != '\0' ? fs::path(variable) : fs::path(".");
}

}  // namespace

Result<fs::path> CommandRun::enter_realm() const {
  const fs::path folder = realm_folder(arguments);
  ROOTLET_TRY(act_as_owner_of(folder));
  return folder;
}

Result<Realm> CommandRun::open_realm() const {
  ROOTLET_TRY(const fs::path folder, enter_realm());
  return Realm::open(folder, signing_clock());
}

SigningClock CommandRun::signing_clock() const {
  return {.clock = &clock, .boot = current_boot(), .is_accepted = arguments.has("accept-clock")};
}

CommandFunction with_clock(Status (*run)(const CommandRun&)) {
  return [run](const CommandInput& input) -> Result<int> {
    ROOTLET_TRY(run({input.arguments, input.output, system_clock()}));
    return 0;
  };
}

CommandFunction with_clock_and_code(Result<int> (*run)(const CommandRun&)) {
  return [run](const CommandInput& input) {
    return run({input.arguments, input.output, system_clock()});
  };
}

}  // namespace rootlet::platform
