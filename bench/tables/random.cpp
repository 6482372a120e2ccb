// xoshiro256** and splitmix64 by Blackman and Vigna (public domain), implemented from their
// description.
#include "bench/tables/random.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

namespace rootlet::bench {

Random::Random(std::uint64_t seed) {
  for (std::uint64_t& word : state_) {
    seed += 0x9E3779B97F4A7C15ULL;
    std::uint64_t z = seed;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
    word = z ^ (z >> 31);
  }
}

std::uint64_t Random::next() {
  const std::uint64_t result = std::rotl(state_[1] * 5, 7) * 9;
  const std::uint64_t shifted = state_[1] << 17;
  state_[2] ^= state_[0];
  state_[3] ^= state_[1];
  state_[1] ^= state_[2];
  state_[0] ^= state_[3];
  state_[2] ^= shifted;
  state_[3] = std::rotl(state_[3], 45);
  return result;
}

std::uint32_t Random::draw(std::uint32_t end) {
  return static_cast<std::uint32_t>(((next() >> 32) * end) >> 32);
}

void Random::spend(double part, double whole) {
  spent_bits_[purpose_] += std::log2(whole / part);
}

std::uint32_t Random::below(std::uint32_t end) {
  spend(1, end);
  return draw(end);
}

bool Random::chance(std::uint32_t per_mille) {
  const bool hit = draw(1000) < per_mille;
  spend(hit ? per_mille : 1000 - per_mille, 1000);
  return hit;
}

std::int64_t Random::between(std::int64_t first, std::int64_t last) {
  return first + below(static_cast<std::uint32_t>(last - first + 1));
}

Weighted::Weighted(std::span<const std::uint32_t> weights) {
  std::uint32_t sum = 0;
  for (const std::uint32_t weight : weights) ends_.push_back(sum += weight);
}

Weighted Weighted::zipf(std::size_t count, std::uint32_t offset) {
  std::vector<std::uint32_t> weights;
  for (std::size_t rank = 1; rank <= count; ++rank) {
    weights.push_back(1'000'000 / (static_cast<std::uint32_t>(rank) + offset));
  }
  return Weighted(weights);
}

std::size_t Weighted::pick(Random& random) const {
  const std::uint32_t drawn = random.draw(ends_.back());
  const auto found = std::upper_bound(ends_.begin(), ends_.end(), drawn);
  random.spend(*found - (found == ends_.begin() ? 0 : *(found - 1)), ends_.back());
  return static_cast<std::size_t>(found - ends_.begin());
}

}  // namespace rootlet::bench
