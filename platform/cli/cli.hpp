// The command line of `rootlet-platform`: its commands, with --realm as general option. A command
// only does its work and reports (commands_*.cpp).
#pragma once

#include "platform/cli/run/command_run.hpp"

namespace rootlet::platform {

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
