// The realm's folder, and what goes around a command.
#include "platform/cli/run/command_run.hpp"

#include <cstdlib>

#include "core/file/boot.hpp"
#include "core/file/owner.hpp"
#include "platform/bucket/bucket_update.hpp"

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
  if (entered != nullptr) *entered = folder;
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

namespace {

Status follow_with_bucket(const fs::path& entered) {
  if (entered.empty()) return ok();
  const Result<BucketReport> done = update_bucket(RealmFolder{entered}, kBucketWait);
  return done.has_error() ? Status(explain_bucket_error(done.error())) : ok();
}

}  // namespace

CommandFunction with_bucket(Status (*run)(const CommandRun&)) {
  return [run](const CommandInput& input) -> Result<int> {
    fs::path entered;
    ROOTLET_TRY(run({input.arguments, input.output, system_clock(), &entered}));
    ROOTLET_TRY(follow_with_bucket(entered));
    return 0;
  };
}

CommandFunction with_bucket_and_code(Result<int> (*run)(const CommandRun&)) {
  return [run](const CommandInput& input) -> Result<int> {
    fs::path entered;
    ROOTLET_TRY(const int code, run({input.arguments, input.output, system_clock(), &entered}));
    ROOTLET_TRY(follow_with_bucket(entered));
    return code;
  };
}

}  // namespace rootlet::platform
