// A binary arithmetic coder after Mahoney's lpaq: one bit at a time, each with the probability that
// a model gives it. Integers only, so that both ends compute the same intervals on every machine.
// One class writes, reads and primes, because the model must take the same steps in all three.
//
// Bytes: a 32-bit interval, high byte first. The writer ends with the fewest bytes that, followed
// by zeros, lie in its last interval; a reader takes at most 4 zeros after the end. One thread.
#pragma once

#include <functional>

#include "core/bytes.hpp"
#include "core/result.hpp"

namespace rootlet {

class ArithmeticCoder {
 public:
  // Returns more bytes; empty at the end.
  using Source = std::function<Result<Bytes>()>;

  static ArithmeticCoder writer() { return ArithmeticCoder(Direction::kWrite, nullptr); }
  static ArithmeticCoder reader(Source source);

  bool reading() const { return direction_ == Direction::kRead; }
  // While priming, code() returns the bit it is given: nothing is written or read.
  void set_priming(bool priming) { priming_ = priming; }
  bool priming() const { return priming_; }
  // True if code() takes the bit from its caller: when writing or priming. False when reading.
  bool has_input() const { return priming_ || direction_ == Direction::kWrite; }

  // Codes one bit and returns it: the one given, or the one read. `p_one` is the probability of a
  // 1, in 1/65,536, from 1 to 65,535.
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

  // Returns what was written. Code nothing afterwards.
  Bytes finish();
  // After reading: kUntrusted if bytes are left or too many zeros were taken; otherwise the
  // source's error, if any.
  Status expect_end();
  // The error that stopped reading, if any. Bits read after an error are meaningless.
  Status state() const;
  bool is_past_end() const { return past_end_ > kStateBytes || source_state_.has_error(); }

 private:
  static constexpr int kStateBytes = 4;  // of the interval: how far a reader is ahead
  enum class Direction { kWrite, kRead };
  ArithmeticCoder(Direction direction, Source source)
      : direction_(direction), source_(std::move(source)) {}
  void shift();
  std::uint8_t next_byte();

  Direction direction_;
  bool priming_ = false;
  std::uint32_t low_ = 0, high_ = 0xFFFFFFFFU, value_ = 0;
  Bytes bytes_;           // written, or the piece being read
  std::size_t used_ = 0;  // of bytes_
  Source source_;
  int past_end_ = 0;  // zeros taken after the end
  Status source_state_ = ok();
};

}  // namespace rootlet
