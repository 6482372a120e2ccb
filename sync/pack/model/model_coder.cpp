// Flags and numbers as sequences of modelled bits (docs/FORMATS.md, "Modelled body"). Context
// numbers are part of the format.
#include "sync/pack/model/model_coder.hpp"

#include <algorithm>
#include <bit>

namespace rootlet {
namespace {

constexpr int kWidthBits = 6;
constexpr int kMaxWidth = 63;

ContextSet contexts_of(std::uint32_t decision, std::uint32_t part,
                       ModelCoder::ContextValues context_values, std::uint32_t first_weights,
                       std::uint32_t second_weights, std::uint32_t limit) {
  ContextSet contexts(first_weights, second_weights);
  contexts.add(hash_of(decision, part), limit);
  for (const std::uint32_t context_value : context_values)
    contexts.add(hash_of(decision, ++part, context_value), limit);
  return contexts;
}

}  // namespace

bool ModelCoder::flag(bool value, std::uint32_t decision, ContextValues context_values) {
  ContextSet contexts =
      contexts_of(decision, 7'001, context_values, 2'048 + decision, decision, 60);
  return predictor_.flag(contexts, value);
}

// The number's bit width, then the bits below its leading 1.
std::uint64_t ModelCoder::number(std::uint64_t value, std::uint32_t decision,
                                 ContextValues context_values, NumberOptions options) {
  ContextSet contexts =
      contexts_of(decision, 1, context_values, decision * 2 + 1, decision * 2 + 1, options.limit);
  const int width_of_value = std::min(static_cast<int>(std::bit_width(value)), kMaxWidth);
  int width = static_cast<int>(
      predictor_.bits(contexts, static_cast<std::uint32_t>(width_of_value), kWidthBits, 1));
  if (width == kMaxWidth) {
    width += static_cast<int>(
        predictor_.uniform(static_cast<int>(std::bit_width(value)) > kMaxWidth ? 1 : 0, 2));
  }
  if (width <= 1) return static_cast<std::uint64_t>(width);
  contexts =
      contexts_of(decision, 101, context_values, decision * 2 + 2, decision * 2 + 2, options.limit);
  const int low_bits = width - 1;
  const int modelled = std::min(low_bits, options.modelled_bits);
  const std::uint64_t low_value = value & ((1ULL << low_bits) - 1);
  std::uint64_t low =
      predictor_.bits(contexts, static_cast<std::uint32_t>(low_value >> (low_bits - modelled)),
                      modelled, static_cast<std::uint32_t>(width) + 2);
  for (int left = low_bits - modelled; left > 0;) {
    const int chunk = std::min(left, 15);
    left -= chunk;
    low = low << chunk |
          predictor_.uniform(static_cast<std::uint32_t>(low_value >> left) & ((1U << chunk) - 1),
                             1U << chunk);
  }
  return 1ULL << low_bits | low;
}

std::int64_t ModelCoder::difference(std::int64_t value, std::uint32_t decision,
                                    ContextValues context_values, NumberOptions options) {
  const auto folded =
      (static_cast<std::uint64_t>(value) << 1) ^ static_cast<std::uint64_t>(value >> 63);
  const std::uint64_t coded = number(folded, decision, context_values, options);
  return static_cast<std::int64_t>(coded >> 1) ^ -static_cast<std::int64_t>(coded & 1);
}

}  // namespace rootlet
