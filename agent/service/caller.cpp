// The words of a refusal name the group and the command that give the role.
#include "agent/service/caller.hpp"

#include <sys/stat.h>
#include <unistd.h>

namespace rootlet::agent {
namespace {

struct NamedRole {
  Role role;
  Text name;
  std::string group;
};

// Those of `allowed`, in the order in which they are offered.
std::vector<NamedRole> named(Roles allowed, const Settings& settings) {
  std::vector<NamedRole> out;
  const NamedRole all[] = {
      {Role::kClerk, {.en = "clerk", .zh = "经办员"}, settings.clerk_group},
      {Role::kOperator, {.en = "operator", .zh = "运维员"}, settings.operator_group},
      {Role::kAuditor, {.en = "auditor", .zh = "审计员"}, settings.auditor_group}};
  for (const NamedRole& one : all) {
    if (allowed.has(one.role)) out.push_back(one);
  }
  return out;
}

// A caller without an account of this machine is a browser that was paired with a role.
Text remedy(const Peer& peer, const std::vector<NamedRole>& roles) {
  if (peer.uid < 0) {
    return {.en = "The administrator of this machine gives a browser its role when it is paired.",
            .zh = "浏览器的角色由本机管理员在配对时指定。"};
  }
  Text words;
  for (const NamedRole& one : roles) {
    if (one.group.empty()) continue;
    const std::string command = "sudo usermod -aG " + one.group + " " + peer.user;
    words.en += (words.en.empty() ? "" : "; or ") + std::string("to make this user ") +
                (one.role == Role::kClerk ? "a " : "an ") + one.name.en + ": " + command;
    words.zh +=
        (words.zh.empty() ? "" : "；或") + std::string("授予") + one.name.zh + "角色：" + command;
  }
  if (words.en.empty()) {
    return {.en =
                "The settings name no group for this role (clerk_group, operator_group, "
                "auditor_group).",
            .zh = "配置中没有为此角色指定用户组（clerk_group、operator_group、auditor_group）。"};
  }
  words.en[0] = 'T';
  words.en += ". It counts from the next command on.";
  words.zh += "，自下一条命令起生效。";
  return words;
}

}  // namespace

RoleGroups role_groups(const AgentContext& context) {
  RoleGroups groups{.clerk = context.settings.clerk_group,
                    .operators = context.settings.operator_group,
                    .auditor = context.settings.auditor_group,
                    .home_owner = static_cast<std::int64_t>(::geteuid())};
  struct stat info {};
  if (::stat(context.home.folder().c_str(), &info) == 0) {
    groups.home_owner = static_cast<std::int64_t>(info.st_uid);
  }
  return groups;
}

Peer with_roles(Peer peer, const AgentContext& context) {
  peer.roles = roles_of(peer.uid, role_groups(context));
  return peer;
}

Status check_roles(const Peer& peer, std::string_view command, Roles allowed,
                   const Settings& settings) {
  std::string names;
  const std::vector<NamedRole> roles = named(allowed, settings);
  for (const NamedRole& one : roles) {
    if (peer.roles.has(one.role)) return ok();
    names += (names.empty() ? "" : " or ") + one.name.en;
  }
  return Error(ErrorCode::kNoAccess,
               "user '" + peer.user + "' may not use '" + std::string(command) +
                   "', which needs the role " + names,
               {}, remedy(peer, roles));
}

}  // namespace rootlet::agent
