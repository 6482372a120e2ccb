// Rules of agent/anchor: the counter against what the home noted of it.
#include "agent/anchor/anchor_rules.hpp"

#include "tests/support/support.hpp"

using namespace rootlet;
using namespace rootlet::agent;

TEST_CASE("anchor: only the newest copy of a home fits its counter") {
  const AnchorMark saved{.count = 7, .orders = {}, .ahead = {}};
  CHECK(judge_copy(saved, 7) == CopyVerdict::kCurrent);
  CHECK(judge_copy(saved, 6) == CopyVerdict::kInterrupted);
  CHECK(judge_copy(saved, 8) == CopyVerdict::kOlder);
  CHECK(judge_copy(saved, UINT64_MAX) == CopyVerdict::kOlder);
  CHECK(judge_copy(saved, 5) == CopyVerdict::kOther);
  CHECK(judge_copy(saved, 0) == CopyVerdict::kOther);
  CHECK(judge_copy(saved, std::nullopt) == CopyVerdict::kOther);
  CHECK(judge_copy({}, UINT64_MAX) == CopyVerdict::kOther);
}

TEST_CASE("anchor: the time awake is never less than what the TPM was powered") {
  using std::chrono::hours;
  AnchorMark saved;
  saved.ahead = hours(-100);  // the TPM was on before the home was made
  CHECK(awake_by_anchor(saved, hours(5), hours(110)) == hours(10));
  CHECK(awake_by_anchor(saved, hours(12), hours(110)) == hours(12));
  CHECK(awake_by_anchor(saved, hours(12), hours(0)) == hours(12));  // cleared, or lost an hour
}
