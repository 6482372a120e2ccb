// Which new states are doubtful, in figures.
#include "platform/change/change_guard.hpp"

#include "tests/support/support.hpp"

using namespace rootlet::platform;

namespace {

struct Case {
  std::uint64_t before, added, changed, removed;
  int accept;
  ChangeDoubt doubt;
};

ChangeFigures figures_of(const Case& one) {
  return {.before = one.before,
          .after = one.before - one.removed + one.added,
          .added = one.added,
          .changed = one.changed,
          .removed = one.removed};
}

}  // namespace

TEST_CASE("change guard: a state is doubtful by its share, if it is empty, or if no key is left") {
  const Case cases[] = {
      {0, 0, 0, 0, 20, ChangeDoubt::kNone},        // a first, empty file
      {0, 500, 0, 0, 0, ChangeDoubt::kNone},       // a first file
      {100, 900, 0, 0, 0, ChangeDoubt::kNone},     // new rows alone are no mistake
      {100, 0, 20, 0, 20, ChangeDoubt::kNone},     // exactly the share
      {100, 0, 20, 1, 20, ChangeDoubt::kTooMany},  // one row above it
      {1'000'000, 0, 200'001, 0, 20, ChangeDoubt::kTooMany},
      {100, 0, 20, 1, 21, ChangeDoubt::kNone},
      {10, 0, 3, 0, 20, ChangeDoubt::kTooMany},
      {10, 0, 1, 0, 0, ChangeDoubt::kNone},  // a single row of a small table
      {3, 0, 0, 1, 20, ChangeDoubt::kNone},
      {3, 0, 0, 2, 20, ChangeDoubt::kTooMany},
      {3, 0, 0, 3, 20, ChangeDoubt::kEmpty},
      {1, 0, 0, 1, 20, ChangeDoubt::kEmpty},  // the last row is more than a row
      {1, 1, 0, 1, 20, ChangeDoubt::kOtherKeys},
      {100, 100, 0, 100, 99, ChangeDoubt::kOtherKeys},
      {100, 100, 0, 100, 100, ChangeDoubt::kNone},
      {100, 0, 0, 100, 100, ChangeDoubt::kNone},
  };
  for (const Case& one : cases) {
    CAPTURE(one.before);
    CAPTURE(one.changed);
    CAPTURE(one.removed);
    CHECK(doubt_about(figures_of(one), one.accept) == one.doubt);
    CHECK(doubt_about(figures_of(one), figures_of(one).needed_percent()) == ChangeDoubt::kNone);
  }
}
