// When the platform refuses to sign (docs/time.md), as a table.
#include "platform/online/signing_clock.hpp"

#include "tests/support/support.hpp"

using namespace rootlet;
using namespace rootlet::platform;
using std::chrono::days;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

namespace {

constexpr UnixTime kThen{seconds(1'790'000'000)};

struct Row {
  const char* name;
  seconds wall_passed, up_passed;  // since the last signature
  bool rebooted;
  SigningDoubt doubt;
};

constexpr Row kRows[] = {
    {"an hour later", hours(1), hours(1), false, SigningDoubt::kNone},
    {"a clock that is corrected by a minute", seconds(-60), seconds(1), false, SigningDoubt::kNone},
    {"the clock went back an hour", hours(-1), hours(1), false, SigningDoubt::kBackwards},
    {"back, and a boot lies between", days(-10), hours(1), true, SigningDoubt::kBackwards},
    {"10 days ahead while the machine ran for an hour", days(10), hours(1), false,
     SigningDoubt::kJump},
    {"10 days in which the machine ran", days(10), days(10), false, SigningDoubt::kNone},
    {"40 days in which the machine ran, or slept", days(40), days(40), false, SigningDoubt::kNone},
    {"a correction of half an hour", minutes(31), minutes(1), false, SigningDoubt::kNone},
    {"40 days switched off", days(40), minutes(1), true, SigningDoubt::kNone},
    {"two years switched off, or a clock gone wild", days(730), minutes(1), true,
     SigningDoubt::kSilence},
    {"right again after it was fast, once time has caught up", hours(1), days(10), false,
     SigningDoubt::kNone},
};

}  // namespace

TEST_CASE(
    "signing clock: the platform refuses what the realm's past does not explain, and says so") {
  for (const Row& row : kRows) {
    CAPTURE(row.name);
    const ClockReading last{.wall = kThen, .since_boot = days(100), .boot = "a"};
    const ClockReading now{.wall = kThen + row.wall_passed,
                           .since_boot = row.rebooted ? row.up_passed : days(100) + row.up_passed,
                           .boot = row.rebooted ? "b" : "a"};
    const SigningFacts facts{.now = now, .newest_signed = kThen, .last_reading = last};
    CHECK(decide_signing(facts) == row.doubt);
    if (row.doubt == SigningDoubt::kNone) continue;
    const std::string words = explain(row.doubt, facts);
    CHECK(words.find(format_time(now.wall)) != std::string::npos);
    CHECK(words.find("--accept-clock") != std::string::npos);
  }
}

TEST_CASE("signing clock: without a boot id a jump cannot be judged, going back can") {
  const ClockReading last{.wall = kThen, .since_boot = days(1), .boot = ""};
  SigningFacts facts{.now = {.wall = kThen + days(10), .since_boot = days(1), .boot = ""},
                     .newest_signed = kThen,
                     .last_reading = last};
  CHECK(decide_signing(facts) == SigningDoubt::kNone);
  facts.now.wall = kThen - days(10);
  CHECK(decide_signing(facts) == SigningDoubt::kBackwards);
}

TEST_CASE("signing clock: a reading survives as text, and foreign text is none") {
  const ClockReading reading{.wall = kThen, .since_boot = days(3), .boot = "boot-1"};
  const auto read = parse_clock_reading(encode_clock_reading(reading));
  REQUIRE(read.has_value());
  CHECK(read->wall == reading.wall);
  CHECK(read->since_boot == reading.since_boot);
  CHECK(read->boot == reading.boot);
  CHECK_FALSE(parse_clock_reading("").has_value());
  CHECK_FALSE(parse_clock_reading("12").has_value());
  CHECK_FALSE(parse_clock_reading("x 1 b").has_value());
}
