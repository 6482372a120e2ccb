// The net change of a stream between a past version and the present: each row at most once,
// however often it changed in between. Pure.
#pragma once

#include <deque>
#include <functional>
#include <span>

#include "core/result.hpp"
#include "platform/change/difference.hpp"

namespace rootlet::platform {

struct PastRow {
  Rid rid = 0;
  std::string_view image;  // empty: no row had this number
};

struct PastRows {
  std::vector<PastRow> rows;     // ascending by rid
  std::deque<std::string> kept;  // owns the images
};

// The rows that `change` touches, as they were before it. Views what `change` views.
std::vector<PastRow> rows_before(const Difference& change);

// True if two images have equal keys, and so are versions of one row.
using SameRow = std::function<Result<bool>(std::string_view, std::string_view)>;

// The changes from `past` to `rows` (by rid, empty where there is no row). Omits rows that are
// equal again. A number that one row freed and another took becomes a deletion and an insertion.
// The result views both arguments.
Result<Difference> net_change(std::span<const PastRow> past, std::span<const std::string_view> rows,
                              const SameRow& same_row);

}  // namespace rootlet::platform
