// Who still holds a dataset, as a decision over facts.
#include "platform/holders/holders.hpp"

#include "tests/support/support.hpp"

using namespace rootlet;
using namespace rootlet::platform;
using std::chrono::days;

namespace {

constexpr UnixTime kStart{std::chrono::seconds(1'790'000'000)};

Holding held() {
  return {.office = "xinfeng",
          .dataset = "villages",
          .since = kStart,
          .grant_version = 3,
          .until = kStart + days(100),
          .lease_days = 30};
}

Certificate certificate(std::uint64_t grant_version, UnixTime at) {
  return {.office = "xinfeng",
          .dataset = "villages",
          .record = "r",
          .grant_version = grant_version,
          .reason = "order",
          .disposed_at = at,
          .received_at = at};
}

HolderState state_of(const Holding& holding, const std::vector<Certificate>& certificates,
                     UnixTime now, std::optional<UnixTime> replaced = {}) {
  return decide_holder(holding, {.replaced = replaced, .heard = {}, .certificates = certificates},
                       now)
      .state;
}

}  // namespace

TEST_CASE("holders: a grant in force means that it holds it, whatever was certified before") {
  CHECK(state_of(held(), {}, kStart + days(1)) == HolderState::kHolds);
  CHECK(state_of(held(), {certificate(3, kStart + days(1))}, kStart + days(2)) ==
        HolderState::kHolds);
}

TEST_CASE("holders: an order is answered only by a certificate that names it or a later one") {
  Holding ordered = held();
  ordered.ordered = kStart + days(10);
  ordered.order_version = 4;
  const UnixTime now = kStart + days(20);
  CHECK(state_of(ordered, {}, now) == HolderState::kUnknown);
  CHECK(state_of(ordered, {certificate(3, kStart + days(12))}, now) == HolderState::kUnknown);
  CHECK(state_of(ordered, {certificate(4, kStart + days(12))}, now) == HolderState::kErased);
  CHECK(state_of(ordered, {certificate(7, kStart + days(12))}, now) == HolderState::kErased);
  // Of a time before it held it: of another life of the same grant.
  CHECK(state_of(ordered, {certificate(7, kStart - days(1))}, now) == HolderState::kUnknown);
  const Holder holder = decide_holder(ordered, {}, now);
  CHECK(holder.ended == kStart + days(10));
  CHECK(holder.locked_by == kStart + days(40));  // a lease that was renewed just before
}

TEST_CASE("holders: a grant that ends by its date is answered by what was erased after it") {
  const UnixTime now = kStart + days(120);
  CHECK(state_of(held(), {}, now) == HolderState::kUnknown);
  CHECK(state_of(held(), {certificate(3, kStart + days(90))}, now) == HolderState::kUnknown);
  CHECK(state_of(held(), {certificate(3, kStart + days(101))}, now) == HolderState::kErased);
  CHECK(decide_holder(held(), {}, now).locked_by == kStart + days(100));
}

TEST_CASE("holders: a machine that was replaced is not answered for by the next one") {
  Holding ordered = held();
  ordered.ordered = kStart + days(10);
  ordered.order_version = 4;
  const UnixTime replaced = kStart + days(11), now = kStart + days(20);
  CHECK(state_of(ordered, {certificate(5, kStart + days(12))}, now, replaced) ==
        HolderState::kUnknown);
  CHECK(state_of(ordered, {certificate(4, kStart + days(10))}, now, replaced) ==
        HolderState::kErased);
  CHECK(state_of(held(), {}, now, replaced) == HolderState::kUnknown);
}
