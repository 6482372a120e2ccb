// Compares in whole numbers, so that a share is never rounded across the limit.
#include "platform/change/change_guard.hpp"

namespace rootlet::platform {

ChangeFigures& ChangeFigures::operator+=(const ChangeFigures& other) {
  before += other.before;
  after += other.after;
  added += other.added;
  changed += other.changed;
  removed += other.removed;
  return *this;
}

int ChangeFigures::needed_percent() const {
  if (before == 0) return 0;
  return static_cast<int>((100 * (changed + removed) + before - 1) / before);
}

ChangeDoubt doubt_about(const ChangeFigures& figures, int accept_percent) {
  if (figures.needed_percent() <= accept_percent) return ChangeDoubt::kNone;
  if (figures.removed == figures.before) {
    return figures.after == 0 ? ChangeDoubt::kEmpty : ChangeDoubt::kOtherKeys;
  }
  return figures.changed + figures.removed <= kAlwaysAcceptedRows ? ChangeDoubt::kNone
                                                                  : ChangeDoubt::kTooMany;
}

}  // namespace rootlet::platform
