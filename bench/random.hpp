// Random numbers that are the same on every machine: xoshiro256** seeded by splitmix64, integers
// only. Not for keys.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

namespace rootlet::bench {

class Random {
 public:
  explicit Random(std::uint64_t seed);
  std::uint64_t next();
  std::uint32_t below(std::uint32_t end);                       // 0 … end-1; end > 0
  std::int64_t between(std::int64_t first, std::int64_t last);  // both included
  bool chance(std::uint32_t per_mille) { return below(1000) < per_mille; }

 private:
  std::array<std::uint64_t, 4> state_;
};

// Draws indexes with given weights.
class Weighted {
 public:
  explicit Weighted(std::span<const std::uint32_t> weights);
  // `count` weights that fall like 1 / (rank + offset): few common, a long tail.
  static Weighted zipf(std::size_t count, std::uint32_t offset);
  std::size_t pick(Random& random) const;

 private:
  std::vector<std::uint32_t> ends_;  // running sums
};

}  // namespace rootlet::bench
