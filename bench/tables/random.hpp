// Random integers that are the same on every machine: xoshiro256** seeded by splitmix64. Not for
// keys.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

namespace rootlet::bench {

class Random {
 public:
  explicit Random(std::uint64_t seed);
  std::uint64_t next();
  std::uint32_t below(std::uint32_t end);                       // 0 … end-1; end > 0
  std::int64_t between(std::int64_t first, std::int64_t last);  // both included
  bool chance(std::uint32_t per_mille);

  // The entropy of the draws by purpose, in bits, since forget_spent(). Draws outside a Purpose
  // count under "".
  const std::map<std::string, double>& spent_bits() const { return spent_bits_; }
  void forget_spent() { spent_bits_.clear(); }
  class Purpose;

 private:
  friend class Weighted;
  std::uint32_t draw(std::uint32_t end);
  void spend(double part, double whole);  // counts a choice of probability part / whole

  std::array<std::uint64_t, 4> state_;
  std::map<std::string, double> spent_bits_;
  std::string purpose_;
};

// Sets the purpose of draws during its lifetime. The innermost one counts, except inside kUnseen.
class Random::Purpose {
 public:
  static constexpr const char* kUnseen = "unseen";  // draws that no row shows
  Purpose(Random& random, std::string what) : random_(random), outer_(std::move(what)) {
    if (random_.purpose_ == kUnseen) outer_ = kUnseen;
    std::swap(random_.purpose_, outer_);
  }
  ~Purpose() { std::swap(random_.purpose_, outer_); }
  Purpose(const Purpose&) = delete;
  Purpose& operator=(const Purpose&) = delete;

 private:
  Random& random_;
  std::string outer_;
};

// Draws indexes with given weights.
class Weighted {
 public:
  explicit Weighted(std::span<const std::uint32_t> weights);
  // `count` weights proportional to 1 / (rank + offset): a few common ones and a long tail.
  static Weighted zipf(std::size_t count, std::uint32_t offset);
  std::size_t pick(Random& random) const;

 private:
  std::vector<std::uint32_t> ends_;  // running sums
};

}  // namespace rootlet::bench
