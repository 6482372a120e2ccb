// Names and roles of callers, kept for a short time.
#include "agent/channel/peer_cache.hpp"

#include <unistd.h>

#include "core/local_limits.hpp"
#include "tests/support/support.hpp"

using namespace rootlet;
using namespace rootlet::agent;
using namespace rootlet::test;

TEST_CASE("peer cache: a user's roles change with the groups, ten seconds later at most") {
  const auto uid = static_cast<std::int64_t>(::getuid());
  const RoleGroups owner{.clerk = "", .operators = "", .auditor = "", .home_owner = uid};
  const RoleGroups other{.clerk = "", .operators = "", .auditor = "", .home_owner = uid + 1};
  PeerCache cache;
  const std::chrono::milliseconds start{5'000};
  const Peer first = cache.find(uid, 7, owner, start);
  CHECK(first.roles == Roles::all());
  CHECK(first.user == peer_of(uid, 7).user);
  CHECK(first.pid == 7);
  const Peer kept = cache.find(uid, 8, other, start + limits::kRolesTime / 2);
  CHECK(kept.roles == Roles::all());
  CHECK(kept.pid == 8);
  const Peer asked_again = cache.find(uid, 8, other, start + limits::kRolesTime);
  CHECK_FALSE(asked_again.roles == Roles::all());
  // Another user is another question.
  CHECK_FALSE(cache.find(uid + 4711, 9, owner, start).roles == Roles::all());
}
