// What the next bit will probably be: counters under several contexts, mixed by weights that learn
// which of them to believe. Integers only and no clock, so that both ends predict alike.
//
// A symbol of up to four bits is a walk down a small tree. Each context has a line of 16 words for
// it (one cache line): whose line it is, and a counter for each of the 15 nodes. A line that
// another context takes is lost, which costs bits and nothing else.
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
// Of facts in their order; mixed well only once it is a context.
inline std::uint32_t hash_of(std::uint32_t a, std::uint32_t b) {
  return (std::rotl(a * 0x9E3779B1U + 0x7F4A7C15U, 13) ^ b) * 0x85EBCA6BU;
}
template <typename... More>
std::uint32_t hash_of(std::uint32_t a, std::uint32_t b, std::uint32_t c, More... more) {
  return hash_of(hash_of(a, b), c, more...);
}

inline constexpr std::size_t kMaxContexts = 8;

// The contexts of one symbol, and which weights mix them.
class ContextSet {
 public:
  // Any two numbers below Predictor::kWeightSets.
  ContextSet(std::uint32_t first_weights, std::uint32_t second_weights)
      : weights_{first_weights, second_weights} {}
  // `limit` is how many symbols a counter averages over, at most 60. At most kMaxContexts.
  void add(std::uint32_t context, std::uint32_t limit = 60) {
    context_[count_] = mix_bits(context + 0x51ED27U * (static_cast<std::uint32_t>(count_) + 1));
    limit_[count_++] = limit;
  }
  // The same contexts as seen beside one more fact.
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

  // All that `other`, whose tables are as large, has learned so far; copied, or taken from it.
  void copy_primed(const Predictor& other);
  void take_primed(Predictor& other);

  // Each codes what it is given and returns what was coded; what is read depends on the contexts
  // alone. The bits are the low `count` bits of `value`, high first; at most 24.
  bool flag(ContextSet& contexts, bool value);
  std::uint32_t bits(ContextSet& contexts, std::uint32_t value, int count, std::uint32_t salt = 0);
  // One of `count` numbers that are all alike.
  std::uint32_t uniform(std::uint32_t value, std::uint32_t count);

  // Bits that were spent, in 1/65,536, are added to `*meter` from now on; null: not counted.
  void measure(std::uint64_t* meter) { meter_ = meter; }
  // While learning: the counters alone, in a third of the time; the weights stay as they are.
  void set_counts_only(bool counts_only) { counts_only_ = counts_only; }

 private:
  // Two of these give their opinion on each bit, picked by different facts.
  struct Weights {
    Weights();
    std::int32_t weights[kMaxContexts][8];  // by how often the counter has been used
    std::int32_t bias = 0;
    std::int32_t uses = 0;
  };
  // Most are never asked for.
  struct WeightSets {
    std::vector<std::uint16_t> places = std::vector<std::uint16_t>(kWeightSets);  // 0: not yet
    std::vector<Weights> used;
    Weights& at(std::uint32_t index) {
      std::uint16_t& place = places[index % kWeightSets];
      if (place == 0) {
        used.emplace_back();
        place = static_cast<std::uint16_t>(used.size());
      }
      return used[place - 1U];
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
  std::uint32_t* lines_;  // memory_ on a cache line's edge
  Zeroed<std::uint32_t> pairs_;
  WeightSets weights_[2];
  std::uint64_t* meter_ = nullptr;
  bool counts_only_ = false;
};

}  // namespace rootlet
