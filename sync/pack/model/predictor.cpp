// Context mixing after Mahoney's PAQ and lpaq: hashed adaptive counters, logistic mixing with
// weight sets selected by context, integers only. Every constant is part of the format
// (docs/FORMATS.md, "Modelled body").
#include "sync/pack/model/predictor.hpp"

#include <algorithm>
#include <bit>

namespace rootlet {
namespace {

constexpr int kMaxStretch = 2'047;  // of a logit, in 1/256

// The logistic function and its inverse as tables.
struct LogisticTables {
  std::array<std::uint16_t, 4'096> squash;  // of a logit + 2,048: 1/65,536
  std::array<std::int32_t, 4'096> stretch;  // of 1/4,096: the logit
};

LogisticTables make_tables() {
  __extension__ using Wide = unsigned __int128;
  constexpr Wide kStep = 4'629'735'647'166'717'428ULL;  // e^(1/256) in 1/2^62
  LogisticTables tables{};
  Wide power = Wide{1} << 50;  // e^(x/256) in 1/2^50
  for (int x = 0; x <= kMaxStretch; ++x) {
    const auto e = static_cast<std::uint64_t>(power >> 6);
    const std::uint64_t sum = e + (1ULL << 44);
    const auto p_one = static_cast<std::uint32_t>(((Wide{e} << 16) + sum / 2) / sum);
    const std::uint32_t capped = std::min<std::uint32_t>(p_one, 65'535 - 16);
    tables.squash[static_cast<std::size_t>(2'048 + x)] = static_cast<std::uint16_t>(capped);
    if (x > 0) {
      tables.squash[static_cast<std::size_t>(2'048 - x)] =
          static_cast<std::uint16_t>(65'536 - capped);
    }
    power = (power * kStep) >> 62;
  }
  tables.squash[0] = tables.squash[1];
  std::size_t next = 0;
  for (int x = -kMaxStretch; x <= kMaxStretch; ++x) {
    const std::size_t reach = tables.squash[static_cast<std::size_t>(x + 2'048)] >> 4;
    for (; next <= reach; ++next) tables.stretch[next] = x;
  }
  for (; next < tables.stretch.size(); ++next) tables.stretch[next] = kMaxStretch;
  return tables;
}

const LogisticTables kTables = make_tables();

std::uint32_t squash(int logit) {
  return kTables.squash[static_cast<std::size_t>(logit + 2'048)];
}
int capped(std::int64_t logit) {
  return static_cast<int>(std::clamp<std::int64_t>(logit, -kMaxStretch, kMaxStretch));
}

// A counter: probability of a 1 (18 bits), unused (8), number of updates (6).
constexpr std::uint32_t kFreshCounter = 1U << 31;

constexpr std::array<std::int32_t, 64> kRates = [] {
  std::array<std::int32_t, 64> rates{};
  for (int n = 0; n < 64; ++n) rates[static_cast<std::size_t>(n)] = 131'072 / (2 * n + 3);
  return rates;
}();

constexpr std::array<std::uint8_t, 64> kConfidence = [] {
  std::array<std::uint8_t, 64> confidence{};
  for (int n = 0; n < 64; ++n) {
    confidence[static_cast<std::size_t>(n)] = static_cast<std::uint8_t>(n <= 2    ? n
                                                                        : n <= 4  ? 3
                                                                        : n <= 8  ? 4
                                                                        : n <= 16 ? 5
                                                                        : n <= 32 ? 6
                                                                                  : 7);
  }
  return confidence;
}();

// Learning rate of weights by number of updates: high at first, because a day's pack is short.
constexpr std::array<std::int32_t, 320> kLearningRates = [] {
  std::array<std::int32_t, 320> rates{};
  for (int uses = 0; uses < 320; ++uses) {
    rates[static_cast<std::size_t>(uses)] = 4 + 24 * 24 / (24 + uses);
  }
  return rates;
}();

void update_counter(std::uint32_t& counter, int bit, std::uint32_t limit) {
  const std::int32_t target = bit != 0 ? (1 << 18) - 1 : 0;
  const std::uint32_t uses = counter & 63;
  const auto p_one = static_cast<std::int32_t>(counter >> 14);
  const std::int32_t moved =
      p_one + static_cast<std::int32_t>((std::int64_t{target - p_one} * kRates[uses]) >> 16);
  counter = static_cast<std::uint32_t>(moved) << 14 | (uses < limit ? uses + 1 : uses);
}

template <typename T>
T* zeroed(std::size_t count) {
  void* memory = std::calloc(count, sizeof(T));  // untouched pages cost nothing
  if (memory == nullptr) std::abort();
  return static_cast<T*>(memory);
}

}  // namespace

ContextSet ContextSet::combined_with(std::uint32_t value, std::uint32_t first_weights,
                                     std::uint32_t second_weights) const {
  ContextSet other = *this;
  other.weights_[0] = first_weights;
  other.weights_[1] = second_weights;
  for (std::size_t i = 0; i < count_; ++i) other.context_[i] = context_[i] * 0x9E3779B1U + value;
  return other;
}

Predictor::Predictor(ArithmeticCoder coder, int table_log)
    : coder_(std::move(coder)),
      table_log_(table_log),
      line_shift_(32 - (table_log - 4)),
      memory_(zeroed<std::uint32_t>((std::size_t{1} << table_log) + 16)),
      pairs_(zeroed<std::uint32_t>(std::size_t{1} << (table_log - 1))) {
  const auto address = reinterpret_cast<std::uintptr_t>(memory_.get());
  lines_ = memory_.get() + ((64 - address % 64) % 64) / sizeof(std::uint32_t);
}

void Predictor::copy_primed(const Predictor& other) {
  const std::size_t counters = std::size_t{1} << table_log_;
  std::copy_n(other.lines_, counters, lines_);
  std::copy_n(other.pairs_.get(), counters / 2, pairs_.get());
  for (int set = 0; set < 2; ++set) weights_[set] = other.weights_[set];
}

void Predictor::take_primed(Predictor& other) {
  std::swap(memory_, other.memory_);
  std::swap(lines_, other.lines_);
  std::swap(pairs_, other.pairs_);
  for (int set = 0; set < 2; ++set) std::swap(weights_[set], other.weights_[set]);
}

// A flag is a tree of one node. Its contexts have pairs of tag and counter, eight to a cache line.
void Predictor::find_pairs(ContextSet& contexts) {
  for (std::size_t i = 0; i < contexts.count_; ++i) {
    const std::uint32_t tag = contexts.context_[i] | 1U;
    std::uint32_t* pair =
        pairs_.get() + ((tag * 0x2545F491U) >> (line_shift_ - 2)) * std::size_t{2};
    if (pair[0] != tag) {
      pair[0] = tag;
      pair[1] = kFreshCounter;
    }
    contexts.line_[i] = pair;
  }
}

void Predictor::find_lines(ContextSet& contexts, std::uint32_t salt) {
  const std::uint32_t salted = salt * 0x9E3779B1U + 0x3C6EF372U;
  for (std::size_t i = 0; i < contexts.count_; ++i) {
    std::uint32_t tag = (contexts.context_[i] ^ salted) * 0x85EBCA6BU;
    tag ^= tag >> 15;
    tag *= 0xC2B2AE35U;
    tag = (tag ^ tag >> 13) | 1U;
    std::uint32_t* line = lines_ + ((tag * 0x2545F491U) >> line_shift_) * std::size_t{16};
    if (line[0] != tag) {
      line[0] = tag;
      std::fill(line + 1, line + 16, kFreshCounter);
    }
    contexts.line_[i] = line;
  }
}

Predictor::Weights::Weights() {
  for (auto& by_confidence : weights) {
    for (int confidence = 0; confidence < 8; ++confidence)
      by_confidence[confidence] = 1'600 * (confidence + 4);
  }
}

std::int32_t Predictor::next_rate(Weights& weights) {
  const std::int32_t uses = weights.uses;
  if (uses + 1 < static_cast<std::int32_t>(kLearningRates.size())) ++weights.uses;
  return kLearningRates[static_cast<std::size_t>(uses)];
}

int Predictor::code_bit(int bit, std::uint32_t p_one) {
  bit = coder_.code(bit, p_one);
  if (meter_ != nullptr && !coder_.priming()) {
    // log2 with a quadratic approximation of the fraction: within 1 %, for display only.
    const std::uint32_t p = bit != 0 ? p_one : 65'536 - p_one;
    const auto whole = static_cast<std::uint32_t>(std::bit_width(p)) - 1;
    const std::uint64_t part = ((std::uint64_t{p} << 16) >> whole) - 65'536;
    *meter_ += ((16ULL - whole) << 16) - part - ((part * (65'536 - part)) >> 16) * 22 / 64;
  }
  return bit;
}

int Predictor::code(ContextSet& contexts, std::uint32_t node, int bit) {
  bit = mix(contexts, node, bit);
  for (std::size_t i = 0; i < contexts.count_; ++i) {
    update_counter(contexts.line_[i][node], bit, contexts.limit_[i]);
  }
  return bit;
}

// Codes the bit with the weighted sum of the counters' logits, then trains the weights.
int Predictor::mix(ContextSet& contexts, std::uint32_t node, int bit) {
  std::int64_t logits[kMaxContexts];
  std::int32_t* selected[kMaxContexts][2];
  Weights& first = weights_[0].at(contexts.weights_[0]);
  Weights& second = weights_[1].at(contexts.weights_[1]);
  const std::size_t count = contexts.count_;
  std::int64_t sum = (std::int64_t{first.bias} + second.bias) * 256;
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint32_t counter = contexts.line_[i][node];
    const std::uint32_t uses = counter & 63;
    const std::uint8_t confidence = kConfidence[uses];
    logits[i] = uses == 0 ? 0 : kTables.stretch[counter >> 20];
    selected[i][0] = &first.weights[i][confidence];
    selected[i][1] = &second.weights[i][confidence];
    sum += (std::int64_t{*selected[i][0]} + *selected[i][1]) * logits[i];
  }
  const std::uint32_t p_one = squash(capped(sum >> 17));
  bit = code_bit(bit, p_one);
  const std::int32_t error = (bit << 16) - static_cast<std::int32_t>(p_one);
  const std::int64_t steps[2] = {error * next_rate(first), error * next_rate(second)};
  for (std::size_t i = 0; i < count; ++i) {
    for (int w = 0; w < 2; ++w) {
      *selected[i][w] += static_cast<std::int32_t>((logits[i] * steps[w] + (1 << 19)) >> 20);
    }
  }
  first.bias += static_cast<std::int32_t>((steps[0] + (1 << 11)) >> 12);
  second.bias += static_cast<std::int32_t>((steps[1] + (1 << 11)) >> 12);
  return bit;
}

bool Predictor::flag(ContextSet& contexts, bool value) {
  find_pairs(contexts);
  return symbol(contexts, value ? 1 : 0, 1) != 0;
}

std::uint32_t Predictor::bits(ContextSet& contexts, std::uint32_t value, int count,
                              std::uint32_t salt) {
  std::uint32_t coded = 1;
  while (count > 0) {
    const int group = std::min(count, 4);
    count -= group;
    find_lines(contexts, salt * 0x10001U + coded * 8 + 1);
    coded = coded << group | symbol(contexts, value >> count & ((1U << group) - 1), group);
  }
  return coded & ~(1U << (std::bit_width(coded) - 1));
}

// Walks down the tree in the lines that were found.
std::uint32_t Predictor::symbol(ContextSet& contexts, std::uint32_t value, int bits) {
  if (counts_only_) {
    for (std::size_t k = 0; k < contexts.count_; ++k) {
      std::uint32_t node = 1;
      for (int i = bits - 1; i >= 0; --i) {
        const std::uint32_t bit = value >> i & 1U;
        update_counter(contexts.line_[k][node], static_cast<int>(bit), contexts.limit_[k]);
        node = node * 2 + bit;
      }
    }
    return value;
  }
  std::uint32_t node = 1;
  for (int i = bits - 1; i >= 0; --i) {
    const int bit = static_cast<int>(value >> i & 1U);
    node = node * 2 + static_cast<std::uint32_t>(code(contexts, node, bit));
  }
  return node - (1U << bits);
}

std::uint32_t Predictor::uniform(std::uint32_t value, std::uint32_t count) {
  std::uint32_t low = 0;
  while (count > 1) {
    const std::uint32_t half = count / 2;
    const auto p_one =
        static_cast<std::uint32_t>((static_cast<std::uint64_t>(count - half) << 16) / count);
    const bool upper =
        code_bit(value - low >= half ? 1 : 0, std::min<std::uint32_t>(p_one, 65'535)) != 0;
    low += upper ? half : 0;
    count = upper ? count - half : half;
  }
  return low;
}

}  // namespace rootlet
