// An adaptive binary range coder: the entropy coder of modelled columns (docs/FORMATS.md, "Modelled
// numbers"). Integers only, so that every machine decodes the same. A decoder accepts any bytes: it
// reads zeros after their end, and at_end() says whether it used all of them. One thread.
#pragma once

#include <array>
#include <bit>

#include "core/bytes.hpp"

namespace rootlet {

// The adaptive probability of one binary decision. It learns from each coded bit, faster while it
// has seen few.
class Probability {
 public:
  // The probability of a 1, in 1/32,768; never 0 or 32,768.
  std::uint32_t p_one() const { return state_ >> 17 | 1; }
  std::uint32_t count() const { return state_ & kCountMask; }
  // `limit` caps the count that sets the learning rate: higher limits forget more slowly.
  void update(bool bit, std::uint32_t limit) {
    const std::uint32_t count = state_ & kCountMask;
    const std::uint32_t now = state_ >> kCountBits;
    // Branch-free, because coded bits are hard to predict by design.
    const std::uint32_t ones = bit ? ~0U : 0U;
    const std::uint64_t distance = now ^ (ones & kOne);
    const auto step = static_cast<std::uint32_t>(distance * kSteps[count] >> 16);
    const std::uint32_t next = now + ((step ^ ~ones) - ~ones);
    state_ = next << kCountBits | (count + (count < limit ? 1U : 0U));
  }

 private:
  static constexpr int kCountBits = 10;
  static constexpr std::uint32_t kCountMask = (1U << kCountBits) - 1;
  static constexpr std::uint32_t kOne = (1U << 22) - 1;
  static constexpr std::array<std::uint32_t, kCountMask + 1> steps() {
    std::array<std::uint32_t, kCountMask + 1> made{};
    for (std::uint32_t i = 0; i <= kCountMask; ++i) made[i] = 131'072 / (2 * i + 3);
    return made;
  }
  static const std::array<std::uint32_t, kCountMask + 1> kSteps;

  std::uint32_t state_ = 1U << 31;  // 22 bits: probability of a 1; 10 bits: count
};

inline constexpr std::array<std::uint32_t, 1024> Probability::kSteps = Probability::steps();

inline constexpr int kRawBitsAtOnce = 16;

// bit() and uniform() have the same signature in the encoder, the decoder and the cost counter, so
// that one description of a model serves all three.
class BitEncoder {
 public:
  bool bit(std::uint32_t p_one, bool value) {
    const std::uint32_t bound = (range_ >> 15) * p_one;
    if (value) {
      range_ = bound;
    } else {
      low_ += bound;
      range_ -= bound;
    }
    normalise();
    return value;
  }
  // `value` < `bound`, all values equally likely; 1 <= bound <= 65,536.
  std::uint32_t uniform(std::uint32_t bound, std::uint32_t value) {
    range_ /= bound;
    low_ += std::uint64_t{range_} * value;
    normalise();
    return value;
  }
  Bytes finish();

 private:
  void normalise() {
    while (range_ < 1U << 24) {
      range_ <<= 8;
      shift_low();
    }
  }
  void shift_low();

  std::uint64_t low_ = 0;
  std::uint32_t range_ = 0xFFFF'FFFF;
  std::uint8_t cache_ = 0;
  std::uint64_t pending_ = 0;  // 0xFF bytes that a carry may still change
  bool started_ = false;
  Bytes out_;
};

class BitDecoder {
 public:
  explicit BitDecoder(ByteView bytes) : at_(bytes.data()), end_(bytes.data() + bytes.size()) {
    for (int i = 0; i < 4; ++i) code_ = code_ << 8 | next();
  }
  bool bit(std::uint32_t p_one, bool = false) {
    const std::uint32_t bound = (range_ >> 15) * p_one;
    const bool value = code_ < bound;
    const std::uint32_t zeros = value ? 0U : ~0U;
    range_ = bound + (zeros & (range_ - 2 * bound));
    code_ -= zeros & bound;
    normalise();
    return value;
  }
  std::uint32_t uniform(std::uint32_t bound, std::uint32_t = 0) {
    range_ /= bound;
    std::uint32_t value = code_ / range_;
    if (value >= bound) value = bound - 1;  // only in bytes that no encoder made
    code_ -= range_ * value;
    normalise();
    return value;
  }
  // True if all bytes were used.
  bool at_end() const { return at_ == end_; }

 private:
  std::uint32_t next() { return at_ != end_ ? *at_++ : 0U; }
  void normalise() {
    while (range_ < 1U << 24) {
      range_ <<= 8;
      code_ = code_ << 8 | next();
    }
  }

  const std::uint8_t* at_;
  const std::uint8_t* end_;
  std::uint32_t range_ = 0xFFFF'FFFF;
  std::uint32_t code_ = 0;
};

// Estimates the coded size, for an encoder that compares models. The bytes of a pack never depend
// on its precision.
class BitCost {
 public:
  bool bit(std::uint32_t p_one, bool value) {
    cost_ += kCosts[(value ? p_one : 32'768 - p_one) >> 6];
    return value;
  }
  std::uint32_t uniform(std::uint32_t bound, std::uint32_t value) {
    const int log = std::bit_width(bound) - 1;  // linear between powers of two
    cost_ +=
        static_cast<std::uint64_t>(log) * 4096 + (std::uint64_t{bound - (1U << log)} << 12 >> log);
    return value;
  }
  double bytes() const { return static_cast<double>(cost_) / (4096.0 * 8); }

 private:
  static const std::array<std::uint16_t, 513> kCosts;  // in 1/4,096 bits
  std::uint64_t cost_ = 0;
};

}  // namespace rootlet
