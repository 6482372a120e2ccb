// The program description of `rootlet-platform`.
#include "platform/cli/cli.hpp"

#include "platform/cli/bucket/bucket_commands.hpp"
#include "platform/cli/source/source_commands.hpp"
#include "platform/cli/witness/witness_commands.hpp"

namespace rootlet::platform {

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
  for (auto* list :
       {&realm_commands, &renewal_commands, &root_commands, &key_commands, &recover_commands,
        &backup_commands, &service_commands, &catalogue_commands, &holder_commands, &check_commands,
        &publish_commands, &office_commands, &grant_commands, &inbox_commands, &pack_commands,
        &witness_commands, &source_commands, &export_commands, &bucket_commands}) {
    for (Command& command : (*list)()) program.commands.push_back(std::move(command));
  }
  return program;
}

}  // namespace rootlet::platform
