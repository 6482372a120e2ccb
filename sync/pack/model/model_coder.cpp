#include "sync/pack/model/model_coder.hpp"

#include <algorithm>
#include <bit>

namespace rootlet {
namespace {

constexpr int kWidthBits = 6;
constexpr int kMaxWidth = 63;

ContextSet contexts_of(std::uint32_t question, std::uint32_t part, ModelCoder::Facts facts,
                       std::uint32_t first_weights, std::uint32_t second_weights,
                       std::uint32_t memory) {
  ContextSet contexts(first_weights, second_weights);
  contexts.add(hash_of(question, part), memory);
  for (const std::uint32_t fact : facts) contexts.add(hash_of(question, ++part, fact), memory);
  return contexts;
}

}  // namespace

bool ModelCoder::flag(bool value, std::uint32_t question, Facts facts) {
  ContextSet contexts = contexts_of(question, 7'001, facts, 2'048 + question, question, 60);
  return predictor_.flag(contexts, value);
}

// How wide the number is, then its bits below the leading one.
std::uint64_t ModelCoder::number(std::uint64_t value, std::uint32_t question, Facts facts,
                                 NumberOptions options) {
  ContextSet contexts =
      contexts_of(question, 1, facts, question * 2 + 1, question * 2 + 1, options.memory);
  const int width_of_value = std::min(static_cast<int>(std::bit_width(value)), kMaxWidth);
  int width = static_cast<int>(
      predictor_.bits(contexts, static_cast<std::uint32_t>(width_of_value), kWidthBits, 1));
  if (width == kMaxWidth) {
    width += static_cast<int>(
        predictor_.uniform(static_cast<int>(std::bit_width(value)) > kMaxWidth ? 1 : 0, 2));
  }
  if (width <= 1) return static_cast<std::uint64_t>(width);
  contexts = contexts_of(question, 101, facts, question * 2 + 2, question * 2 + 2, options.memory);
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

std::int64_t ModelCoder::difference(std::int64_t value, std::uint32_t question, Facts facts,
                                    NumberOptions options) {
  const auto folded =
      (static_cast<std::uint64_t>(value) << 1) ^ static_cast<std::uint64_t>(value >> 63);
  const std::uint64_t coded = number(folded, question, facts, options);
  return static_cast<std::int64_t>(coded >> 1) ^ -static_cast<std::int64_t>(coded & 1);
}

}  // namespace rootlet
