// A context-mixing bit predictor after Mahoney's PAQ and lpaq: counters under several contexts,
// mixed in the logistic domain by weights that learn online. Integers only, so that both ends
// predict alike. One thread.
//
// A symbol of up to four bits is a walk down a small tree. Each context has a line of 16 words for
// it (one cache line): a tag that identifies the context, and a counter for each of the 15 nodes. A
// context with another tag evicts the line, which costs compression but not correctness.
#pragma once

#include <array>
#include <bit>
#include <cstdlib>
#include <memory>
#include <vector>

#include "sync/pack/coding/arithmetic.hpp"

namespace rootlet {

inline std::uint32_t mix_bits(std::uint32_t h) {
  h ^= h >> 16;
  h *= 0x7FEB352DU;
  h ^= h >> 15;
  h *= 0x846CA68BU;
  return h ^ h >> 16;
}
// Combines values in order. Not well mixed; ContextSet::add() finishes the mixing.
inline std::uint32_t hash_of(std::uint32_t a, std::uint32_t b) {
  return (std::rotl(a * 0x9E3779B1U + 0x7F4A7C15U, 13) ^ b) * 0x85EBCA6BU;
}
template <typename... More>
std::uint32_t hash_of(std::uint32_t a, std::uint32_t b, std::uint32_t c, More... more) {
  return hash_of(hash_of(a, b), c, more...);
}

inline constexpr std::size_t kMaxContexts = 8;

// The contexts of one symbol, and the weights that mix them.
class ContextSet {
 public:
  // Selects two weight sets: any numbers below Predictor::kWeightSets.
  ContextSet(std::uint32_t first_weights, std::uint32_t second_weights)
      : weights_{first_weights, second_weights} {}
  // `limit` caps a counter's update count, at most 60: the higher, the slower it forgets. At most
  // kMaxContexts contexts.
  void add(std::uint32_t context, std::uint32_t limit = 60) {
    context_[count_] = mix_bits(context + 0x51ED27U * (static_cast<std::uint32_t>(count_) + 1));
    limit_[count_++] = limit;
  }
  // The same contexts, each combined with one more value.
  ContextSet combined_with(std::uint32_t value, std::uint32_t first_weights,
                           std::uint32_t second_weights) const;

 private:
  friend class Predictor;
  std::size_t count_ = 0;
  std::uint32_t weights_[2];
  std::uint32_t context_[kMaxContexts];
  std::uint32_t limit_[kMaxContexts];
  std::uint32_t* line_[kMaxContexts];
};

class Predictor {
 public:
  static constexpr std::uint32_t kWeightSets = 8'192;
  static constexpr int kMinTableLog = 12, kMaxTableLog = 22;  // of counters, 4 bytes each

  Predictor(ArithmeticCoder coder, int table_log);
  ArithmeticCoder& coder() { return coder_; }

  // Takes over everything that `other` has learned, by copying or by swapping. Its tables must have
  // the same size.
  void copy_primed(const Predictor& other);
  void take_primed(Predictor& other);

  // Each function codes `value` and returns the coded value; when reading, it ignores `value`.
  // bits(): the low `count` bits of `value`, high bit first; at most 24.
  bool flag(ContextSet& contexts, bool value);
  std::uint32_t bits(ContextSet& contexts, std::uint32_t value, int count, std::uint32_t salt = 0);
  // One of `count` equally likely numbers.
  std::uint32_t uniform(std::uint32_t value, std::uint32_t count);

  // From now on adds the information content of coded bits, in 1/65,536 bit, to `*meter`; null
  // stops it.
  void measure(std::uint64_t* meter) { meter_ = meter; }
  // While priming: update only the counters, in a third of the time; the weights stay unchanged.
  void set_counts_only(bool counts_only) { counts_only_ = counts_only; }

 private:
  // Each bit is mixed by two weight sets, selected by different contexts.
  struct Weights {
    Weights();
    std::int32_t weights[kMaxContexts][8];  // by context and by the counter's confidence
    std::int32_t bias = 0;
    std::int32_t uses = 0;
  };
  // Allocated on first use, because most are never used.
  struct WeightSets {
    std::vector<std::uint16_t> slots = std::vector<std::uint16_t>(kWeightSets);  // 0: unused
    std::vector<Weights> used;
    Weights& at(std::uint32_t index) {
      std::uint16_t& slot = slots[index % kWeightSets];
      if (slot == 0) {
        used.emplace_back();
        slot = static_cast<std::uint16_t>(used.size());
      }
      return used[slot - 1U];
    }
  };
  struct Free {
    void operator()(void* memory) const { std::free(memory); }
  };
  template <typename T>
  using Zeroed = std::unique_ptr<T[], Free>;

  void find_pairs(ContextSet& contexts);
  void find_lines(ContextSet& contexts, std::uint32_t salt);
  std::uint32_t symbol(ContextSet& contexts, std::uint32_t value, int bits);
  int code(ContextSet& contexts, std::uint32_t node, int bit);
  int mix(ContextSet& contexts, std::uint32_t node, int bit);
  static std::int32_t next_rate(Weights& weights);
  int code_bit(int bit, std::uint32_t p_one);

  ArithmeticCoder coder_;
  int table_log_;
  int line_shift_;
  Zeroed<std::uint32_t> memory_;
  std::uint32_t* lines_;  // memory_ aligned to a cache line
  Zeroed<std::uint32_t> pairs_;
  WeightSets weights_[2];
  std::uint64_t* meter_ = nullptr;
  bool counts_only_ = false;
};

}  // namespace rootlet
