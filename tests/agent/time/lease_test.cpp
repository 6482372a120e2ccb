// Access by lease, grant and purpose. The rules of time themselves are in time_rules_test.cpp.
#include "agent/time/lease.hpp"

#include "tests/support/support.hpp"

using namespace rootlet;
using namespace rootlet::agent;
using rootlet::test::code_of;
using std::chrono::days;

namespace {

constexpr UnixTime kNow{std::chrono::seconds(1'790'000'000)};

// All clocks agree that so much time has passed.
TrustedTime time_at(days passed) {
  const UnixTime now = kNow + passed;
  return {.floor = now, .now = now, .certain = now, .awake = passed};
}

Grant grant_until(UnixTime until) {
  Grant grant;
  grant.dataset = "villages";
  grant.purposes = {"a", "b"};
  grant.until = until;
  grant.lease_days = 30;
  return grant;
}

}  // namespace

TEST_CASE("lease: it ends lease_days after the last contact, or with the grant") {
  const Grant grant = grant_until(kNow + days(365));
  LeaseFacts facts{.grant = &grant, .contact = Contact{kNow, {}}, .time = time_at(days(0))};
  CHECK(decide_lease(facts).access == Access::kOpen);
  CHECK(decide_lease(facts).until == kNow + days(30));
  facts.time = time_at(days(30));
  CHECK(decide_lease(facts).access == Access::kOpen);
  facts.time = time_at(days(31));
  CHECK(decide_lease(facts).access == Access::kErase);

  const Grant shorter = grant_until(kNow + days(3));
  facts.grant = &shorter;
  facts.time = time_at(days(4));
  CHECK(decide_lease(facts).until == kNow + days(3));
  CHECK(decide_lease(facts).access == Access::kErase);
}

TEST_CASE("lease: one clock alone locks, and never erases") {
  const Grant grant = grant_until(kNow + days(365));
  LeaseFacts facts{.grant = &grant, .contact = Contact{kNow, {}}, .time = time_at(days(1))};
  facts.time.now = kNow + days(4000);  // the wall clock
  CHECK(decide_lease(facts).access == Access::kEnded);
  CHECK(code_of(check_lease(decide_lease(facts), "villages")) == ErrorCode::kLeaseEnded);
  facts.time = time_at(days(1));
  facts.time.awake = days(40);  // the awake clock
  CHECK(decide_lease(facts).access == Access::kEnded);
  facts.time = time_at(days(1));
  facts.time.floor = facts.time.now = kNow + days(400);  // the signed clock
  CHECK(decide_lease(facts).access == Access::kEnded);
}

TEST_CASE("lease: before the first contact the data is locked, and never erased") {
  const Grant grant = grant_until(kNow - days(1));
  const LeaseFacts facts{.grant = &grant, .contact = {}, .time = time_at(days(4000))};
  CHECK(decide_lease(facts).access == Access::kEnded);
}

TEST_CASE("lease: suspended is locked and not erased; without a grant there is no access") {
  const Grant grant = grant_until(kNow + days(365));
  LeaseFacts facts{
      .grant = &grant, .suspended = true, .contact = Contact{kNow, {}}, .time = time_at(days(0))};
  CHECK(decide_lease(facts).access == Access::kSuspended);
  CHECK(code_of(check_lease(decide_lease(facts), "x")) == ErrorCode::kNotPermitted);
  facts.grant = nullptr;
  CHECK(decide_lease(facts).access == Access::kNotGranted);
}

TEST_CASE("purpose: only those in the grant are allowed") {
  const Grant grant = grant_until({});
  CHECK(check_purpose(grant, "a").has_value());
  const Status refused = check_purpose(grant, "c");
  CHECK(code_of(refused) == ErrorCode::kNotPermitted);
  CHECK(refused.error().message.find("allows: a, b") != std::string::npos);
  CHECK(code_of(check_purpose(grant, "")) == ErrorCode::kNotPermitted);
}
