// Asks the account database (getpwuid, getgrouplist), which may be a network's.
#include "agent/channel/role_groups.hpp"

#include <grp.h>
#include <pwd.h>
#include <sys/types.h>

#include <algorithm>
#include <vector>

#include "agent/channel/listening_socket.hpp"
#include "core/limits.hpp"

namespace rootlet::agent {
namespace {

constexpr int kMostGroups = 65'536;  // NGROUPS_MAX of the kernel

// All groups of the user; none for a uid without an account.
std::vector<gid_t> groups_of(uid_t uid) {
  std::vector<char> space(16 * limits::kKiB);
  struct passwd entry {};
  struct passwd* found = nullptr;
  if (::getpwuid_r(uid, &entry, space.data(), space.size(), &found) != 0 || found == nullptr) {
    return {};
  }
  std::vector<gid_t> groups(64);
  int count = static_cast<int>(groups.size());
  while (::getgrouplist(entry.pw_name, entry.pw_gid, groups.data(), &count) < 0) {
    if (groups.size() >= kMostGroups) return {};
    groups.resize(std::max(groups.size() * 2, static_cast<std::size_t>(count)));
    count = static_cast<int>(groups.size());
  }
  groups.resize(static_cast<std::size_t>(count));
  return groups;
}

bool is_member(const std::vector<gid_t>& groups, const std::string& name) {
  if (name.empty()) return false;
  const std::optional<gid_t> group = find_group(name);
  return group && std::find(groups.begin(), groups.end(), *group) != groups.end();
}

}  // namespace

Roles roles_of(std::int64_t uid, const RoleGroups& groups) {
  if (uid < 0) return {};
  if (uid == groups.home_owner) return Roles::all();
  const std::vector<gid_t> held = groups_of(static_cast<uid_t>(uid));
  Roles roles;
  if (uid == 0 || is_member(held, groups.operators)) roles = roles | Role::kOperator;
  if (is_member(held, groups.clerk)) roles = roles | Role::kClerk;
  if (is_member(held, groups.auditor)) roles = roles | Role::kAuditor;
  return roles;
}

std::string_view name_of(Role role) {
  switch (role) {
    case Role::kClerk:
      return "clerk";
    case Role::kOperator:
      return "operator";
    case Role::kAuditor:
      break;
  }
  return "auditor";
}

}  // namespace rootlet::agent
