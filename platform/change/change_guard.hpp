// Decides whether a new state differs too much from the published one to be no mistake: a file that
// was cut, is empty, or has other keys would empty every office. Pure.
#pragma once

#include <cstdint>

namespace rootlet::platform {

// What a publish would do to the rows of a dataset. A row that moves to another partition counts as
// removed and added.
struct ChangeFigures {
  std::uint64_t before = 0, after = 0;  // rows
  std::uint64_t added = 0, changed = 0, removed = 0;

  ChangeFigures& operator+=(const ChangeFigures& other);
  // The smallest whole percentage of the rows before that has all removed and changed rows.
  int needed_percent() const;
};

enum class ChangeDoubt {
  kNone,
  kEmpty,      // no row is left
  kOtherKeys,  // no key of before is left
  kTooMany,    // more rows are removed or changed than accepted
};

// One row can always be removed or changed, if others are left: it is no cut file, and in a small
// table it is a large share.
inline constexpr std::uint64_t kAlwaysAcceptedRows = 1;

// `accept_percent` of the rows before, 0 to 100, may be removed or changed; 100 accepts everything.
ChangeDoubt doubt_about(const ChangeFigures& figures, int accept_percent);

}  // namespace rootlet::platform
