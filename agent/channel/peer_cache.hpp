// Names and roles of the users who call, kept for limits::kRolesTime: the account database may be a
// network's, and each question costs a millisecond even where it is not. A user whose group changed
// has the new roles after that time, as on a kept connection of the agent's own socket.
// Thread-safe.
#pragma once

#include <chrono>
#include <map>
#include <mutex>

#include "agent/channel/local_socket.hpp"
#include "agent/channel/role_groups.hpp"

namespace rootlet::agent {

class PeerCache {
 public:
  // `now` is the time since boot.
  Peer find(std::int64_t uid, std::int64_t pid, const RoleGroups& groups,
            std::chrono::milliseconds now);

 private:
  struct Known {
    std::string user;
    Roles roles;
    std::chrono::milliseconds asked{};
  };

  std::mutex mutex_;
  std::map<std::int64_t, Known> known_;  // by uid
};

}  // namespace rootlet::agent
