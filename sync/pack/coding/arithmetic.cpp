// Carry-free binary arithmetic coding with a 32-bit interval, as in Mahoney's lpaq: leading bytes
// leave as soon as both ends of the interval agree on them.
#include "sync/pack/coding/arithmetic.hpp"

namespace rootlet {

ArithmeticCoder ArithmeticCoder::reader(Source source) {
  ArithmeticCoder coder(Direction::kRead, std::move(source));
  for (int i = 0; i < kStateBytes; ++i) coder.value_ = coder.value_ << 8 | coder.next_byte();
  return coder;
}

void ArithmeticCoder::shift() {
  if (direction_ == Direction::kWrite) {
    bytes_.push_back(static_cast<std::uint8_t>(high_ >> 24));
  } else {
    value_ = value_ << 8 | next_byte();
  }
  low_ <<= 8;
  high_ = high_ << 8 | 0xFFU;
}

std::uint8_t ArithmeticCoder::next_byte() {
  if (used_ == bytes_.size() && past_end_ == 0 && source_state_.has_value()) {
    Result<Bytes> piece = source_();
    used_ = 0;
    if (piece.has_error()) {
      source_state_ = piece.error();
      bytes_.clear();
    } else {
      bytes_ = std::move(piece).value();
    }
  }
  if (used_ < bytes_.size()) return bytes_[used_++];
  if (past_end_ <= kStateBytes) ++past_end_;
  return 0;
}

Bytes ArithmeticCoder::finish() {
  for (int count = 0; count <= kStateBytes; ++count) {
    const std::uint64_t unit = 1ULL << (32 - 8 * count);
    const std::uint64_t value = (low_ + unit - 1) / unit * unit;
    if (value > high_) continue;
    for (int i = 0; i < count; ++i) {
      bytes_.push_back(static_cast<std::uint8_t>(value >> (24 - 8 * i)));
    }
    break;
  }
  return std::move(bytes_);
}

Status ArithmeticCoder::state() const {
  if (source_state_.has_error()) return source_state_;
  if (past_end_ > kStateBytes) return fail(ErrorCode::kUntrusted, "it ends too early");
  return ok();
}

Status ArithmeticCoder::expect_end() {
  ROOTLET_TRY(state());
  if (used_ < bytes_.size()) return fail(ErrorCode::kUntrusted, "bytes follow its end");
  if (past_end_ > 0) return ok();  // the source has already reported its end
  ROOTLET_TRY(const Bytes more, source_());
  if (!more.empty()) return fail(ErrorCode::kUntrusted, "bytes follow its end");
  return ok();
}

}  // namespace rootlet
