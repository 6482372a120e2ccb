// Who calls, and what the caller's roles allow: the gate of every command.
#pragma once

#include "agent/channel/local_socket.hpp"
#include "agent/channel/role_groups.hpp"
#include "agent/office/context.hpp"

namespace rootlet::agent {

// The groups of the settings, and the owner of the home; this process's user while there is none.
RoleGroups role_groups(const AgentContext& context);

// `peer` with its roles by the groups of this machine.
Peer with_roles(Peer peer, const AgentContext& context);

// kNoAccess unless `peer` holds one of the roles `allowed`: names the groups to join and the
// command that an administrator runs.
Status check_roles(const Peer& peer, std::string_view command, Roles allowed,
                   const Settings& settings);

}  // namespace rootlet::agent
