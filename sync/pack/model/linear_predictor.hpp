// A linear predictor for numbers. If all amounts rise by three per cent on one day, the change says
// so once, and then only how each amount differs from the prediction.
#pragma once

#include <cstdint>
#include <optional>

namespace rootlet {

struct SectionChanges;

// Predicts a column's new values from the old ones: old + (old - base) * per_mille / 1000. The
// writer, who knows all changes, finds and sends it.
struct LinearPredictor {
  std::size_t column = 0;
  std::int64_t base = 0;
  std::int32_t per_mille = 0;

  // The predicted new value; wraps around on overflow.
  std::int64_t predict(std::int64_t old) const;
};

// For the first column that has one; nullopt if none has. Pure.
std::optional<LinearPredictor> find_linear_predictor(const SectionChanges& changes);

}  // namespace rootlet
