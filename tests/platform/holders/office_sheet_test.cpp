// Tests of office_sheet.hpp: what an office says it holds, beside what was published.
#include "platform/holders/office_sheet.hpp"

#include "tests/support/support.hpp"

using namespace rootlet;
using namespace rootlet::platform;
using namespace rootlet::test;

TEST_CASE("office sheet: same, behind, old, differs, unknown") {
  const PublishedStream published{
      .head = 9, .rows = 100, .digests = {{9, "99"}, {8, "88"}, {6, "66"}}};
  const auto state = [&](Version version, std::uint64_t rows, const std::string& digest) {
    return compare_held(
        {.stream = {"villages", "33"}, .version = version, .rows = rows, .digest = digest},
        published);
  };
  CHECK(state(9, 100, "99") == HeldState::kSame);
  CHECK(state(9, 99, "99") == HeldState::kDiffers);
  CHECK(state(9, 100, "98") == HeldState::kDiffers);
  CHECK(state(8, 50, "88") == HeldState::kBehind);
  CHECK(state(8, 50, "99") == HeldState::kDiffers);
  CHECK(state(7, 50, "77") == HeldState::kOld);
  CHECK(state(10, 100, "99") == HeldState::kUnknown);
  CHECK(compare_held({.stream = {"gone", "33"}, .version = 1, .rows = 0, .digest = {}}, {}) ==
        HeldState::kUnknown);
}
