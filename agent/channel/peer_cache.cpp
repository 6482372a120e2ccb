// The account database is asked without the lock, so one slow answer delays one caller only.
#include "agent/channel/peer_cache.hpp"

#include "core/local_limits.hpp"

namespace rootlet::agent {
namespace {

constexpr std::size_t kMostUsers = 256;  // more than work at one machine

}  // namespace

Peer PeerCache::find(std::int64_t uid, std::int64_t pid, const RoleGroups& groups,
                     std::chrono::milliseconds now) {
  {
    const std::lock_guard lock(mutex_);
    const auto found = known_.find(uid);
    if (found != known_.end() && now - found->second.asked < limits::kRolesTime) {
      return {.uid = uid, .pid = pid, .user = found->second.user, .roles = found->second.roles};
    }
  }
  Peer peer = peer_of(uid, pid);
  peer.roles = roles_of(uid, groups);
  const std::lock_guard lock(mutex_);
  if (known_.size() >= kMostUsers) known_.clear();
  known_[uid] = {.user = peer.user, .roles = peer.roles, .asked = now};
  return peer;
}

}  // namespace rootlet::agent
