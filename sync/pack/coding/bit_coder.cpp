// Carries propagate into pending bytes: the range coder of Martin (1979) in Schindler's byte-wise
// form.
#include "sync/pack/coding/bit_coder.hpp"

#include <cmath>

namespace rootlet {
namespace {

std::array<std::uint16_t, 513> costs() {
  std::array<std::uint16_t, 513> made{};
  for (std::size_t i = 0; i < made.size(); ++i) {
    made[i] = static_cast<std::uint16_t>(-std::log2((static_cast<double>(i) + 0.5) / 513.0) * 4096);
  }
  return made;
}

}  // namespace

const std::array<std::uint16_t, 513> BitCost::kCosts = costs();

void BitEncoder::shift_low() {
  const bool carry = low_ >> 32 != 0;
  if (carry || low_ < 0xFF00'0000) {
    if (started_) out_.push_back(static_cast<std::uint8_t>(cache_ + (carry ? 1 : 0)));
    for (; pending_ > 0; --pending_) out_.push_back(carry ? 0x00 : 0xFF);
    started_ = true;
    cache_ = static_cast<std::uint8_t>(low_ >> 24);
  } else {
    ++pending_;
  }
  low_ = (low_ & 0x00FF'FFFF) << 8;
}

// Any number in the final range decodes the same. The one with most trailing zeros is shortest,
// since trailing zeros are not sent.
Bytes BitEncoder::finish() {
  for (int zeros = 31; zeros > 0; --zeros) {
    const std::uint64_t mask = (std::uint64_t{1} << zeros) - 1;
    const std::uint64_t rounded = (low_ + mask) & ~mask;
    if (rounded - low_ < range_) {
      low_ = rounded;
      break;
    }
  }
  for (int i = 0; i < 5; ++i) shift_low();
  while (!out_.empty() && out_.back() == 0) out_.pop_back();
  return std::move(out_);
}

}  // namespace rootlet
