// Trusted time only goes forward, and leases end by it (docs/adr/0006-leases-and-clocks.md).
#include "agent/office/lease.hpp"
#include "tests/support/support.hpp"

using namespace rootlet;
using namespace rootlet::agent;
using namespace std::chrono_literals;
using rootlet::test::code_of;
using rootlet::test::FakeClock;
using std::chrono::days;

namespace {

Grant grant_until(UnixTime until) {
  Grant grant;
  grant.dataset = "villages";
  grant.purposes = {"a", "b"};
  grant.until = until;
  grant.lease_days = 30;
  return grant;
}

}  // namespace

TEST_CASE("trusted clock: the floor is the newest signed time plus the time awake") {
  FakeClock clock;
  TrustedClock trusted({}, clock, "boot-1");
  const UnixTime signed_at = clock.wall();
  trusted.learn(signed_at);
  clock.pass(10h);
  CHECK(trusted.read().floor == signed_at + 10h);
  trusted.learn(signed_at + 5h);  // older than the present floor
  CHECK(trusted.read().floor == signed_at + 10h);
  trusted.learn(signed_at + 20h);
  CHECK(trusted.read().floor == signed_at + 20h);
}

TEST_CASE("trusted clock: a wall clock that is set back extends nothing") {
  FakeClock clock;
  TrustedClock trusted({}, clock, "boot-1");
  trusted.learn(clock.wall());
  const UnixTime before = trusted.read().now;
  clock.set_wall(clock.wall() - days(365));
  CHECK(trusted.read().now == before);
}

TEST_CASE("trusted clock: a wall clock that ran ahead has no effect once it is corrected") {
  FakeClock clock;
  TrustedClock trusted({}, clock, "boot-1");
  const UnixTime right = clock.wall();
  trusted.learn(right);
  clock.set_wall(right + days(4000));
  CHECK(trusted.read().now == right + days(4000));
  CHECK(trusted.read().floor == right);
  clock.set_wall(right);
  CHECK(trusted.read().now == right);
}

TEST_CASE("trusted clock: a saved mark continues within a boot and after a reboot") {
  FakeClock clock;
  const UnixTime start = clock.wall();
  TrustedClock first({}, clock, "boot-1");
  first.learn(start);
  clock.pass(5h);
  const ClockMark mark = first.mark();
  CHECK(mark.floor == start + 5h);
  clock.pass(1h);
  CHECK(TrustedClock(mark, clock, "boot-1").read().floor == start + 6h);
  FakeClock booted;  // 1,000 seconds after its boot
  CHECK(TrustedClock(mark, booted, "boot-2").read().floor == start + 5h + 1000s);
  CHECK(TrustedClock(mark, booted, "").read().floor == start + 5h + 1000s);
}

TEST_CASE("lease: it ends lease_days after the last contact, or with the grant") {
  FakeClock clock;
  const UnixTime contact = clock.wall();
  const Grant grant = grant_until(contact + days(365));
  LeaseFacts facts{.grant = &grant, .contact = contact, .time = {contact, contact}};
  CHECK(decide_lease(facts).access == Access::kOpen);
  CHECK(decide_lease(facts).until == contact + days(30));
  facts.time = {contact + days(30), contact + days(30)};
  CHECK(decide_lease(facts).access == Access::kOpen);

  const Grant shorter = grant_until(contact + days(3));
  facts.grant = &shorter;
  CHECK(decide_lease(facts).until == contact + days(3));
  CHECK(decide_lease(facts).access == Access::kErase);
}

TEST_CASE("lease: the wall clock alone locks, only the floor erases") {
  FakeClock clock;
  const UnixTime contact = clock.wall();
  const Grant grant = grant_until(contact + days(365));
  LeaseFacts facts{.grant = &grant,
                   .contact = contact,
                   .time = {.floor = contact + days(1), .now = contact + days(31)}};
  CHECK(decide_lease(facts).access == Access::kEnded);
  CHECK(code_of(check_lease(decide_lease(facts), "villages")) == ErrorCode::kLeaseEnded);
  facts.time.floor = facts.time.now;
  CHECK(decide_lease(facts).access == Access::kErase);
}

TEST_CASE("lease: suspended is locked and not erased; without a grant there is no access") {
  FakeClock clock;
  const UnixTime now = clock.wall();
  const Grant grant = grant_until(now + days(365));
  LeaseFacts facts{.grant = &grant, .suspended = true, .contact = now, .time = {now, now}};
  CHECK(decide_lease(facts).access == Access::kSuspended);
  CHECK(code_of(check_lease(decide_lease(facts), "x")) == ErrorCode::kNotPermitted);
  facts.grant = nullptr;
  CHECK(decide_lease(facts).access == Access::kNotGranted);
}

TEST_CASE("lease: contact never counts as later than the metadata's expiry") {
  const UnixTime now{std::chrono::seconds(1'000'000)};
  CHECK(decide_contact({now, now}, now + 1h) == now);
  CHECK(decide_contact({now, now + days(9)}, now + 1h) == now + 1h);
}

TEST_CASE("purpose: only those in the grant are allowed") {
  const Grant grant = grant_until({});
  CHECK(check_purpose(grant, "a").has_value());
  const Status refused = check_purpose(grant, "c");
  CHECK(code_of(refused) == ErrorCode::kNotPermitted);
  CHECK(refused.error().message.find("allows: a, b") != std::string::npos);
  CHECK(code_of(check_purpose(grant, "")) == ErrorCode::kNotPermitted);
}
