// A binary arithmetic coder: one bit at a time, each with the probability that a model gives it, in
// integers only, so that both ends count alike on every machine. One object serves writing, reading
// and learning, because the model that asks must take the same steps in all three.
//
// Bytes: a 32-bit interval, high byte first; the writer ends with the fewest bytes that, followed
// by zeros, lie in its last interval, and a reader takes zeros after the end.
#pragma once

#include <functional>

#include "core/bytes.hpp"
#include "core/result.hpp"

namespace rootlet {

class ArithmeticCoder {
 public:
  // More bytes; empty at the end.
  using Source = std::function<Result<Bytes>()>;

  static ArithmeticCoder writer() { return ArithmeticCoder(Direction::kWrite, nullptr); }
  static ArithmeticCoder reader(Source source);

  bool reading() const { return direction_ == Direction::kRead; }
  // While learning, bits pass by: nothing is written or read.
  void set_priming(bool priming) { priming_ = priming; }
  bool priming() const { return priming_; }
  // True if the bit that is passed to code() is the one that counts.
  bool has_input() const { return priming_ || direction_ == Direction::kWrite; }

  // Codes one bit; `p_one` in 65,536 is the probability that it is 1, from 1 to 65,535. Returns the
  // bit: the one given, or the one read.
  int code(int bit, std::uint32_t p_one) {
    if (priming_) return bit;
    const auto width = static_cast<std::uint64_t>(high_ - low_);
    const std::uint32_t middle = low_ + static_cast<std::uint32_t>((width * p_one) >> 16);
    if (direction_ == Direction::kRead) bit = value_ <= middle ? 1 : 0;
    if (bit != 0) {
      high_ = middle;
    } else {
      low_ = middle + 1;
    }
    while (((low_ ^ high_) & 0xFF000000U) == 0) shift();
    return bit;
  }

  // What was written. Nothing may be coded afterwards.
  Bytes finish();
  // After reading: kUntrusted if bytes are left or too many were taken, and what the source said.
  Status expect_end();
  // Why reading cannot go on, if it cannot. Bits read after that mean nothing.
  Status state() const;
  bool is_past_end() const { return past_end_ > kStateBytes || source_state_.has_error(); }

 private:
  static constexpr int kStateBytes = 4;  // of the interval: a reader is as far ahead
  enum class Direction { kWrite, kRead };
  ArithmeticCoder(Direction direction, Source source)
      : direction_(direction), source_(std::move(source)) {}
  void shift();
  std::uint8_t next_byte();

  Direction direction_;
  bool priming_ = false;
  std::uint32_t low_ = 0, high_ = 0xFFFFFFFFU, value_ = 0;
  Bytes bytes_;           // written, or the piece that is being read
  std::size_t used_ = 0;  // of bytes_
  Source source_;
  int past_end_ = 0;  // zeros taken after the end
  Status source_state_ = ok();
};

}  // namespace rootlet
