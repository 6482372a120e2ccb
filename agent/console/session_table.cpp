#include "agent/console/session_table.hpp"

#include <algorithm>

#include "core/crypto.hpp"
#include "core/local_limits.hpp"

namespace rootlet::agent {
namespace {

constexpr std::size_t kTokenBytes = 32;

// Late tickets are kept so long, so that their use can be refused as late.
constexpr std::chrono::minutes kLateTicketTime{10};

template <typename Map, typename When>
void drop_oldest(Map& map, std::size_t most, When when) {
  if (map.size() < most) return;
  map.erase(std::min_element(map.begin(), map.end(), [&](const auto& a, const auto& b) {
    return when(a.second) < when(b.second);
  }));
}

}  // namespace

std::string random_token() {
  return to_hex(random_bytes(kTokenBytes));
}

void SessionTable::forget_old(Time now) {
  std::erase_if(tickets_, [&](const auto& one) { return now - one.second.made > kLateTicketTime; });
  std::erase_if(sessions_, [&](const auto& one) { return now - one.second.used > idle_; });
}

std::string SessionTable::make_ticket(const Peer& peer, Time now) {
  const std::lock_guard lock(mutex_);
  forget_old(now);
  drop_oldest(tickets_, limits::kTickets, [](const Ticket& one) { return one.made; });
  std::string ticket = random_token();
  tickets_.emplace(ticket, Ticket{.peer = peer, .made = now});
  return ticket;
}

SessionTable::Entrance SessionTable::redeem(std::string_view ticket, std::int64_t uid, Time now) {
  Entrance entrance;
  {
    const std::lock_guard lock(mutex_);
    forget_old(now);
    const auto found = tickets_.find(ticket);
    if (found == tickets_.end()) return entrance;
    const Ticket taken = std::move(found->second);
    tickets_.erase(found);
    entrance.peer = taken.peer;
    entrance.outcome = taken.peer.uid != uid || uid < 0         ? Redeemed::kOtherUser
                       : now - taken.made > limits::kTicketTime ? Redeemed::kLate
                                                                : Redeemed::kOpened;
  }
  if (entrance.outcome == Redeemed::kOpened) entrance.token = open(entrance.peer, now);
  return entrance;
}

std::string SessionTable::open(Peer peer, Time now) {
  const std::lock_guard lock(mutex_);
  forget_old(now);
  drop_oldest(sessions_, limits::kConsoleSessions, [](const Session& one) { return one.used; });
  std::string token = random_token();
  sessions_.emplace(token, Session{.peer = std::move(peer), .csrf = random_token(), .used = now});
  return token;
}

std::optional<Session> SessionTable::use(std::string_view token, std::int64_t uid, Time now) {
  const std::lock_guard lock(mutex_);
  forget_old(now);
  const auto found = sessions_.find(token);
  if (found == sessions_.end() || found->second.peer.uid != uid) return std::nullopt;
  found->second.used = now;
  return found->second;
}

bool SessionTable::is_live(std::string_view token, Time now) {
  const std::lock_guard lock(mutex_);
  forget_old(now);
  return sessions_.contains(token);
}

void SessionTable::end(std::string_view token) {
  const std::lock_guard lock(mutex_);
  const auto found = sessions_.find(token);
  if (found != sessions_.end()) sessions_.erase(found);
}

void SessionTable::end_all_of(const std::string& person) {
  const std::lock_guard lock(mutex_);
  std::erase_if(sessions_, [&](const auto& one) {
    return one.second.peer.uid < 0 && one.second.peer.user == person;
  });
}

std::size_t SessionTable::count(Time now) {
  const std::lock_guard lock(mutex_);
  forget_old(now);
  return sessions_.size();
}

}  // namespace rootlet::agent
