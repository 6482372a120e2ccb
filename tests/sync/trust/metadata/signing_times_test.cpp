// When people hear that a signature ends (docs/time.md), as a table.
#include "sync/trust/metadata/signing_times.hpp"

#include "core/format/json.hpp"
#include "tests/support/support.hpp"

using namespace rootlet;
using std::chrono::days;
using std::chrono::hours;
using std::chrono::seconds;

namespace {

struct Row {
  const char* role;
  seconds life;
  seconds left;
  EndState state;
};

constexpr Row kRows[] = {
    {"root", days(365), days(61), EndState::kFar},
    {"root", days(365), days(60), EndState::kNear},
    {"root", days(365), seconds(1), EndState::kNear},
    {"root", days(365), seconds(0), EndState::kOver},
    {"targets", days(365), days(59), EndState::kNear},
    {"targets", days(365), days(92), EndState::kFar},  // renewed with a quarter left
    {"snapshot", days(30), days(8), EndState::kFar},   // renewed with seven and a half days left
    {"snapshot", days(30), days(7), EndState::kNear},
    {"timestamp", days(7), days(6), EndState::kFar},  // renewed daily
    {"timestamp", days(7), days(3), EndState::kNear},
    {"timestamp", days(1), hours(18), EndState::kFar},  // renewed every six hours
    {"timestamp", days(1), hours(11), EndState::kNear},
    {"timestamp", days(365), days(364), EndState::kFar},
    {"timestamp", days(365), days(50), EndState::kNear},
    {"timestamp", days(7), days(-1), EndState::kOver},
};

}  // namespace

TEST_CASE("signing times: the end of a role is said early enough for those who must act") {
  const UnixTime now{seconds(1'790'000'000)};
  for (const Row& row : kRows) {
    CAPTURE(row.role);
    CAPTURE(row.left.count());
    CHECK(decide_end({.role = row.role, .expires = now + row.left, .life = row.life}, now) ==
          row.state);
  }
}

TEST_CASE("signing times: an issue time that is no time is none") {
  CHECK_FALSE(issued_in({}).has_value());
  CHECK_FALSE(issued_in({{"x-rootlet-issued", 5}}).has_value());
  CHECK_FALSE(issued_in({{"x-rootlet-issued", "yesterday"}}).has_value());
  CHECK(issued_in({{"x-rootlet-issued", "2026-09-21T00:00:00Z"}}) ==
        rootlet::test::must(parse_time("2026-09-21T00:00:00Z")));
}
