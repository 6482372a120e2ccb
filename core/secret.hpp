// Key material: wiped on destruction, never printed, compared in constant time, copied only by
// clone().
#pragma once

#include <sodium.h>

#include <array>
#include <cstddef>
#include <span>

#include "core/bytes.hpp"

namespace rootlet {

template <std::size_t N>
class Secret {
 public:
  Secret() { bytes_.fill(0); }
  ~Secret() { sodium_memzero(bytes_.data(), N); }
  Secret(Secret&& other) noexcept : bytes_(other.bytes_) { sodium_memzero(other.bytes_.data(), N); }
  Secret& operator=(Secret&& other) noexcept {
    if (this != &other) {
      bytes_ = other.bytes_;
      sodium_memzero(other.bytes_.data(), N);
    }
    return *this;
  }
  Secret(const Secret&) = delete;
  Secret& operator=(const Secret&) = delete;

  Secret clone() const {
    Secret copy;
    copy.bytes_ = bytes_;
    return copy;
  }
  // kBadInput unless `bytes` is exactly N long; the message never holds the bytes.
  static Result<Secret> from(ByteView bytes) {
    if (bytes.size() != N) return bad_input("a key has the wrong length", "key");
    Secret secret;
    std::copy(bytes.begin(), bytes.end(), secret.bytes_.begin());
    return secret;
  }
  static Secret random() {
    Secret secret;
    randombytes_buf(secret.bytes_.data(), N);
    return secret;
  }

  // The raw key, for calls of libsodium and SQLite only.
  std::span<const std::uint8_t, N> expose() const { return bytes_; }
  std::span<std::uint8_t, N> expose_mutable() { return bytes_; }

  friend bool operator==(const Secret& a, const Secret& b) {
    return sodium_memcmp(a.bytes_.data(), b.bytes_.data(), N) == 0;
  }

 private:
  std::array<std::uint8_t, N> bytes_;
};

using SymmetricKey = Secret<32>;

}  // namespace rootlet
