// The roles of a user of this machine: by the groups of the account database, so that a change of
// membership counts from the next connection on, also for somebody who is signed in.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "agent/channel/roles.hpp"

namespace rootlet::agent {

struct RoleGroups {
  std::string clerk, operators, auditor;  // names of groups; empty: nobody holds the role
  std::int64_t home_owner = -1;           // the uid that the agent's home belongs to
};

// All roles for the owner of the home, who can open its files anyway: a developer, the demo, the
// service's own user. Root is an operator, and more only as a member of the groups.
Roles roles_of(std::int64_t uid, const RoleGroups& groups);

// "clerk", "operator", "auditor".
std::string_view name_of(Role role);

}  // namespace rootlet::agent
