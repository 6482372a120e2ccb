// The net change of a stream between a past version and now: each row once, whatever happened to
// it in between. Pure.
#pragma once

#include <deque>
#include <functional>
#include <span>

#include "core/result.hpp"
#include "platform/change/difference.hpp"

namespace rootlet::platform {

struct PastRow {
  Rid rid = 0;
  std::string_view image;  // empty: there was no such row
};

struct PastRows {
  std::vector<PastRow> rows;     // ascending
  std::deque<std::string> kept;  // what they view
};

// The rows that `change` touched, as they were before it; they view what the change views.
std::vector<PastRow> rows_before(const Difference& change);

// Whether two images are of the same row: their keys are equal.
using SameRow = std::function<Result<bool>(std::string_view, std::string_view)>;

// What turned `past` into `rows` (by number, empty where there is none). A row that is as it was is
// no change; a number that one row left and another took is a deletion and an insertion. Views what
// it is given.
Result<Difference> net_change(std::span<const PastRow> past, std::span<const std::string_view> rows,
                              const SameRow& same_row);

}  // namespace rootlet::platform
