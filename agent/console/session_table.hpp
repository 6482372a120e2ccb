// Who is signed in to the console: one-time tickets, and the sessions that they become. A ticket is
// bound to the OS user that `rootlet console` ran as; a session to that user, or to the paired
// browser that opened it. All in memory: a restart of the daemon ends every session.
//
// Thread-safe. Times are those since boot, so that no wall clock lengthens a session.
#pragma once

#include <chrono>
#include <map>
#include <mutex>
#include <optional>
#include <string>

#include "agent/channel/local_socket.hpp"

namespace rootlet::agent {

struct Session {
  Peer peer;              // uid -1: a browser of the office's network, `user` is its person
  std::string csrf = {};  // which a page of this session sends with everything that changes
  std::chrono::milliseconds used{};  // since boot
};

class SessionTable {
 public:
  using Time = std::chrono::milliseconds;  // since boot
  explicit SessionTable(Time idle) : idle_(idle) {}

  // For one use within limits::kTicketTime.
  std::string make_ticket(const Peer& peer, Time now);

  enum class Redeemed { kOpened, kUnknown, kLate, kOtherUser };
  struct Entrance {
    Redeemed outcome = Redeemed::kUnknown;
    std::string token = {};  // of the session, for its cookie
    Peer peer = {};          // whose ticket it was, unless unknown
  };
  // The ticket is gone afterwards, whatever the outcome. `uid` is the user at the other end of the
  // connection; -1, an unknown one, opens nothing.
  Entrance redeem(std::string_view ticket, std::int64_t uid, Time now);

  std::string open(Peer peer, Time now);
  // The session of `token`, which this use keeps alive; nothing if it ended, or belongs to another
  // user than `uid`.
  std::optional<Session> use(std::string_view token, std::int64_t uid, Time now);
  // Whether use() would find it; keeps nothing alive.
  bool is_live(std::string_view token, Time now);
  void end(std::string_view token);
  void end_all_of(const std::string& person);  // the sessions of a paired browser
  std::size_t count(Time now);
  Time idle() const { return idle_; }

 private:
  struct Ticket {
    Peer peer;
    Time made{};
  };
  void forget_old(Time now);

  const Time idle_;
  std::mutex mutex_;
  std::map<std::string, Ticket, std::less<>> tickets_;    // under mutex_
  std::map<std::string, Session, std::less<>> sessions_;  // under mutex_
};

// 256 random bits in hexadecimal.
std::string random_token();

}  // namespace rootlet::agent
