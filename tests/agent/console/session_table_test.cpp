// Tickets and sessions of the console.
#include "agent/console/session_table.hpp"

#include "core/local_limits.hpp"
#include "tests/support/support.hpp"

using namespace rootlet;
using namespace rootlet::agent;
using namespace std::chrono_literals;

namespace {

using Redeemed = SessionTable::Redeemed;

Peer user(std::int64_t uid) {
  return {.uid = uid, .user = "user " + std::to_string(uid)};
}

}  // namespace

TEST_CASE("ticket: it opens one session for its own user, once") {
  SessionTable table(15min);
  const std::string ticket = table.make_ticket(user(1000), 1s);
  const SessionTable::Entrance entrance = table.redeem(ticket, 1000, 2s);
  REQUIRE(entrance.outcome == Redeemed::kOpened);
  const auto session = table.use(entrance.token, 1000, 3s);
  REQUIRE(session);
  CHECK(session->peer.user == "user 1000");
  CHECK(session->csrf.size() == 64);
  CHECK(table.redeem(ticket, 1000, 4s).outcome == Redeemed::kUnknown);
}

TEST_CASE("ticket: another user, an unknown one and a late one open nothing, and use it up") {
  SessionTable table(15min);
  for (const std::int64_t uid : {1001, 0, -1}) {
    CAPTURE(uid);
    const std::string ticket = table.make_ticket(user(1000), 1s);
    CHECK(table.redeem(ticket, uid, 2s).outcome == Redeemed::kOtherUser);
    CHECK(table.redeem(ticket, 1000, 2s).outcome == Redeemed::kUnknown);
  }
  const std::string late = table.make_ticket(user(1000), 1s);
  CHECK(table.redeem(late, 1000, 1s + limits::kTicketTime + 1ms).outcome == Redeemed::kLate);
  CHECK(table.count(62s) == 0);
}

TEST_CASE("session: it ends when it is idle for too long, and each use keeps it alive") {
  SessionTable table(15min);
  const std::string token = table.open(user(1000), 0s);
  CHECK(table.use(token, 1000, 14min));
  CHECK(table.use(token, 1000, 28min));
  CHECK_FALSE(table.use(token, 1000, 44min));
}

TEST_CASE("session: another user of the machine cannot use its cookie") {
  SessionTable table(15min);
  const std::string token = table.open(user(1000), 0s);
  CHECK_FALSE(table.use(token, 1001, 1s));
  CHECK_FALSE(table.use(token, -1, 1s));
  CHECK_FALSE(table.use("", 1000, 1s));
  CHECK(table.use(token, 1000, 1s));
}

TEST_CASE("session: unpairing a person ends that person's sessions alone") {
  SessionTable table(15min);
  const std::string wang = table.open({.user = "wang"}, 0s);
  const std::string li = table.open({.user = "li"}, 0s);
  const std::string local = table.open({.uid = 1000, .user = "wang"}, 0s);
  table.end_all_of("wang");
  CHECK_FALSE(table.use(wang, -1, 1s));
  CHECK(table.use(li, -1, 1s));
  CHECK(table.use(local, 1000, 1s));
}

TEST_CASE("session: there are never more than the limit; the longest idle one gives way") {
  SessionTable table(15min);
  const std::string first = table.open(user(1), 0s);
  for (std::size_t i = 0; i < limits::kConsoleSessions; ++i) table.open(user(2), 1s);
  CHECK(table.count(2s) == limits::kConsoleSessions);
  CHECK_FALSE(table.use(first, 1, 2s));
}
