// The program description of `rootlet-platform`, and the general option --realm.
#include "platform/cli/cli.hpp"

#include <cstdlib>

#include "core/file/boot.hpp"
#include "core/file/owner.hpp"
#include "platform/cli/witness/witness_commands.hpp"

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

Program platform_program() {
  Program program{
      .name = "rootlet-platform",
      .summary = {.en = "The upstream side of Rootlet: publishes datasets as signed, sealed packs "
                        "and takes records in.",
                  .zh = "Rootlet 的上级平台：以签名加密的数据包发布数据集，并接收各单位的记录。"},
      .example = {.en = "rootlet-platform init realm --name \"Example county\" --url "
                        "https://sync.example\n"
                        "export ROOTLET_REALM=realm\n"
                        "rootlet-platform dataset add villages.json\n"
                        "rootlet-platform publish villages --from csv:villages.csv\n"
                        "rootlet-platform office add jiaxing --division 3304 --name 嘉兴 --out "
                        "jiaxing.enroll\n"
                        "rootlet-platform grant add jiaxing villages --divisions 3304 --purposes "
                        "address-lookup\n"
                        "rootlet-platform serve"},
      .options = {{.name = "realm",
                   .value_name = "DIR",
                   .help = {.en = "the realm's folder; else ROOTLET_REALM, else this folder",
                            .zh = "域所在目录；默认取 ROOTLET_REALM，再取当前目录"},
                   .type = ValueType::kFolder},
                  {.name = "accept-clock",
                   .help = {.en = "sign although the clock went back or jumped: it is right now",
                            .zh = "时钟回退或跳变后仍签名：确认当前时间正确"}}}};
  for (auto* list : {&realm_commands, &renewal_commands, &root_commands, &key_commands,
                     &recover_commands, &backup_commands, &service_commands, &catalogue_commands,
                     &holder_commands, &check_commands, &publish_commands, &office_commands,
                     &grant_commands, &inbox_commands, &pack_commands, &witness_commands}) {
    for (Command& command : (*list)()) program.commands.push_back(std::move(command));
  }
  return program;
}

}  // namespace rootlet::platform
