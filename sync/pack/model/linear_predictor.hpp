// Numbers that follow a rule of thumb: a day on which all amounts rise by three per cent says so
// once, and then only how each differs from that.
#pragma once

#include <cstdint>
#include <optional>

namespace rootlet {

struct SectionChanges;

// A column whose new values follow from the old ones: old + (old - base) * per_mille / 1000. Found
// by the writer, who knows all changes, and sent.
struct LinearPredictor {
  std::size_t column = 0;
  std::int64_t base = 0;
  std::int32_t per_mille = 0;

  // What it makes of `old`; wraps around where that is not in 64 bits.
  std::int64_t predict(std::int64_t old) const;
};

// Of the first column whose new values mostly follow one.
std::optional<LinearPredictor> find_linear_predictor(const SectionChanges& changes);

}  // namespace rootlet
