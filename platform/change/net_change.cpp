// Compares each past row with the present row of the same number.
#include "platform/change/net_change.hpp"

#include <algorithm>

namespace rootlet::platform {

// A number that a deleted row freed and a new row took is in both deletes and inserts.
std::vector<PastRow> rows_before(const Difference& change) {
  std::vector<PastRow> past;
  past.reserve(change.deletes.size() + change.updates.size() + change.inserts.size());
  for (const RowChange& row : change.deletes) past.push_back({row.rid, row.old_image});
  for (const RowChange& row : change.updates) past.push_back({row.rid, row.old_image});
  for (const RowChange& row : change.inserts) past.push_back({row.rid, {}});
  std::stable_sort(past.begin(), past.end(),
                   [](const PastRow& a, const PastRow& b) { return a.rid < b.rid; });
  const auto doubled = std::unique(
      past.begin(), past.end(), [](const PastRow& a, const PastRow& b) { return a.rid == b.rid; });
  past.erase(doubled, past.end());
  return past;
}

Result<Difference> net_change(std::span<const PastRow> past, std::span<const std::string_view> rows,
                              const SameRow& same_row) {
  Difference net;
  for (const PastRow& row : past) {
    const std::string_view now = row.rid < rows.size() ? rows[row.rid] : std::string_view();
    if (now == row.image) continue;
    if (!row.image.empty() && !now.empty()) {
      ROOTLET_TRY(const bool is_same, same_row(row.image, now));
      if (is_same) {
        net.updates.push_back({row.rid, {}, row.image, now});
        continue;
      }
    }
    if (!row.image.empty()) net.deletes.push_back({row.rid, {}, row.image, {}});
    if (!now.empty()) net.inserts.push_back({row.rid, {}, {}, now});
  }
  return net;
}

}  // namespace rootlet::platform
