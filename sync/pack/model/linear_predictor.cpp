// Finds the linear predictor of a change by exhaustive search (docs/FORMATS.md, "Modelled body").
#include "sync/pack/model/linear_predictor.hpp"

#include <algorithm>
#include <map>

#include "sync/pack/table/change.hpp"

namespace rootlet {
namespace {

struct ValueChange {
  std::int64_t before = 0, after = 0;
};

std::size_t count_residuals(std::span<const ValueChange> value_changes,
                            const LinearPredictor& linear) {
  std::vector<std::int64_t> residuals;
  for (const ValueChange& value_change : value_changes) {
    residuals.push_back(value_change.after - linear.predict(value_change.before));
  }
  std::sort(residuals.begin(), residuals.end());
  return static_cast<std::size_t>(std::unique(residuals.begin(), residuals.end()) -
                                  residuals.begin());
}

// Tries slopes in per mille, with the most frequent old value as base. The best slope leaves the
// fewest distinct residuals.
std::optional<LinearPredictor> linear_predictor_of(const SectionChanges& changes,
                                                   std::size_t column) {
  constexpr std::size_t kFewest = 50, kMost = 2'000;
  // Not std::abs: a table may hold the smallest 64-bit integer, whose absolute value has no type.
  const auto is_small = [](std::int64_t value) {
    return -(1LL << 40) < value && value < 1LL << 40;
  };
  std::vector<ValueChange> value_changes;
  std::map<std::int64_t, std::size_t> old_counts;
  const std::size_t rows = changes.updated_new.rids.size();
  for (std::size_t i = 0; i < rows; i += rows / kMost + 1) {
    const CellView before = changes.updated_old.columns[column].at(i);
    const CellView after = changes.updated_new.columns[column].at(i);
    const bool is_usable = before.kind == CellView::Kind::kInteger && after.kind == before.kind &&
                           before != after && is_small(before.integer) && is_small(after.integer);
    if (!is_usable) continue;
    value_changes.push_back({before.integer, after.integer});
    ++old_counts[before.integer];
  }
  if (value_changes.size() < kFewest) return std::nullopt;
  LinearPredictor best{.column = column};
  const auto commonest =
      std::max_element(old_counts.begin(), old_counts.end(),
                       [](const auto& a, const auto& b) { return a.second < b.second; });
  // A predictor must save more than its own bytes.
  std::size_t fewest = count_residuals(value_changes, best) * 3 / 4;
  for (std::int32_t per_mille = -200; per_mille <= 200; ++per_mille) {
    const LinearPredictor linear{column, commonest->first, per_mille};
    const std::size_t residuals = count_residuals(value_changes, linear);
    if (per_mille == 0 || residuals >= fewest) continue;
    fewest = residuals;
    best = linear;
  }
  if (best.per_mille == 0) return std::nullopt;
  return best;
}

}  // namespace

std::int64_t LinearPredictor::predict(std::int64_t old) const {
  const auto wrapped = [](std::int64_t value) { return static_cast<std::uint64_t>(value); };
  const std::uint64_t above = wrapped(old) - wrapped(base);
  const auto share = static_cast<std::int64_t>(above * wrapped(per_mille));
  return static_cast<std::int64_t>(wrapped(old) + wrapped(share / 1'000));
}

std::optional<LinearPredictor> find_linear_predictor(const SectionChanges& changes) {
  for (std::size_t c = 0; c < changes.schema.columns.size(); ++c) {
    if (!holds_integers(changes.schema.columns[c].type)) continue;
    if (const std::optional<LinearPredictor> linear = linear_predictor_of(changes, c))
      return linear;
  }
  return std::nullopt;
}

}  // namespace rootlet
