// Times for people: in their zone, with its offset; only our own form is touched.
#include "config/output/local_time.hpp"

#include <cstdlib>
#include <ctime>

#include "tests/support/support.hpp"

using namespace rootlet;
using rootlet::test::must;

namespace {

// TZ for the time of a test.
class Zone {
 public:
  explicit Zone(const char* name) {
    const char* before = std::getenv("TZ");
    if (before != nullptr) before_ = before;
    had_one_ = before != nullptr;
    ::setenv("TZ", name, 1);
    ::tzset();
  }
  ~Zone() {
    had_one_ ? ::setenv("TZ", before_.c_str(), 1) : ::unsetenv("TZ");
    ::tzset();
  }

 private:
  std::string before_;
  bool had_one_ = false;
};

}  // namespace

TEST_CASE("times: the reader's zone and its offset") {
  const UnixTime time = must(parse_time("2026-11-21T20:00:30Z"));
  {
    const Zone zone("CST-8");
    CHECK(local_time(time) == "2026-11-22 04:00 +08:00");
    CHECK(local_time(time, TimeDetail::kSeconds) == "2026-11-22 04:00:30 +08:00");
  }
  {
    const Zone zone("NST3:30");
    CHECK(local_time(time) == "2026-11-21 16:30 -03:30");
  }
  const Zone zone("UTC0");
  CHECK(local_time(time) == "2026-11-21 20:00 +00:00");
}

TEST_CASE("times: inside a sentence, and nothing else") {
  const Zone zone("CST-8");
  CHECK(with_local_times("ended at 2026-11-21T08:00:00Z; ask") ==
        "ended at 2026-11-21 16:00 +08:00; ask");
  CHECK(with_local_times("2026-11-21T08:00:00Z2026-11-21T08:00:00Z") ==
        "2026-11-21 16:00 +08:002026-11-21 16:00 +08:00");
  for (const char* kept :
       {"", "2026-11-21 08:00:00", "2026-11-21T08:00:00", "12026-11-21T08:00:00Z",
        "2026-13-21T08:00:00Z", "2026-11-21T08:00:00+08:00", "截至"}) {
    CHECK(with_local_times(kept) == kept);
  }
}
