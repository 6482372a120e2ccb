#include "sync/pack/model/linear_predictor.hpp"

#include <algorithm>
#include <map>

#include "sync/pack/table/change.hpp"

namespace rootlet {
namespace {

struct Step {
  std::int64_t before = 0, after = 0;
};

std::size_t different_rests(std::span<const Step> steps, const LinearPredictor& linear) {
  std::vector<std::int64_t> rests;
  for (const Step& step : steps) {
    rests.push_back(step.after - linear.expect(step.before));
  }
  std::sort(rests.begin(), rests.end());
  return static_cast<std::size_t>(std::unique(rests.begin(), rests.end()) - rests.begin());
}

// Tries shares in per mille of what lies above the commonest old value; the best leaves the fewest
// different rests.
std::optional<LinearPredictor> linear_predictor_of(const SectionChanges& changes,
                                                   std::size_t column) {
  constexpr std::size_t kFewest = 50, kMost = 2'000;
  constexpr std::int64_t kSafe = 1LL << 40;
  std::vector<Step> steps;
  std::map<std::int64_t, std::size_t> olds;
  const std::size_t rows = changes.updated_new.rids.size();
  for (std::size_t i = 0; i < rows; i += rows / kMost + 1) {
    const CellView before = changes.updated_old.columns[column].at(i);
    const CellView after = changes.updated_new.columns[column].at(i);
    const bool is_step = before.kind == CellView::Kind::kInteger && after.kind == before.kind &&
                         before != after && std::abs(before.integer) < kSafe &&
                         std::abs(after.integer) < kSafe;
    if (!is_step) continue;
    steps.push_back({before.integer, after.integer});
    ++olds[before.integer];
  }
  if (steps.size() < kFewest) return std::nullopt;
  LinearPredictor best{.column = column};
  const auto commonest = std::max_element(
      olds.begin(), olds.end(), [](const auto& a, const auto& b) { return a.second < b.second; });
  std::size_t fewest = different_rests(steps, best) * 3 / 4;  // a linear must be worth its bytes
  for (std::int32_t per_mille = -200; per_mille <= 200; ++per_mille) {
    const LinearPredictor linear{column, commonest->first, per_mille};
    const std::size_t rests = different_rests(steps, linear);
    if (per_mille == 0 || rests >= fewest) continue;
    fewest = rests;
    best = linear;
  }
  if (best.per_mille == 0) return std::nullopt;
  return best;
}

}  // namespace

std::int64_t LinearPredictor::expect(std::int64_t old) const {
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
