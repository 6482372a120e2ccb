// Key material: in memory that is never swapped out nor dumped, wiped on destruction, never
// printed, compared in constant time, copied only by clone().
//
// The bytes lie in a pool of locked pages that all secrets of the process share. If the system
// allows no more locked memory (RLIMIT_MEMLOCK), further secrets lie in pages that are left out of
// dumps and wiped, but might be swapped out. Any thread.
#pragma once

#include <sodium.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <utility>

#include "core/bytes.hpp"

namespace rootlet {

// The pool behind Secret. A slot holds kSecretSlotBytes.
inline constexpr std::size_t kSecretSlotBytes = 64;
std::uint8_t* take_secret_slot();  // zeros; aborts if the system has no memory at all
void return_secret_slot(std::uint8_t* slot) noexcept;  // wipes it; null does nothing
// Pages of the pool, and those of them that the system has locked.
struct SecretPages {
  std::size_t all = 0, locked = 0;
};
SecretPages secret_pages();

template <std::size_t N>
class Secret {
  static_assert(N <= kSecretSlotBytes);

 public:
  Secret() = default;  // zeros
  Secret(Secret&&) noexcept = default;
  Secret& operator=(Secret&&) noexcept = default;
  Secret(const Secret&) = delete;
  Secret& operator=(const Secret&) = delete;

  Secret clone() const {
    Secret copy;
    std::copy_n(expose().data(), N, copy.expose_mutable().data());
    return copy;
  }
  // kBadInput unless `bytes` is exactly N long; the message never holds the bytes.
  static Result<Secret> from(ByteView bytes) {
    if (bytes.size() != N) return bad_input("a key has the wrong length", "key");
    Secret secret;
    std::copy(bytes.begin(), bytes.end(), secret.expose_mutable().begin());
    return secret;
  }
  static Secret random() {
    Secret secret;
    randombytes_buf(secret.expose_mutable().data(), N);
    return secret;
  }

  // The raw key, for calls of libsodium and SQLite only.
  std::span<const std::uint8_t, N> expose() const {
    static constexpr std::uint8_t kZeros[N] = {};
    return std::span<const std::uint8_t, N>(slot_ != nullptr ? slot_.get() : kZeros, N);
  }
  std::span<std::uint8_t, N> expose_mutable() {
    if (slot_ == nullptr) slot_.reset(take_secret_slot());
    return std::span<std::uint8_t, N>(slot_.get(), N);
  }

  friend bool operator==(const Secret& a, const Secret& b) {
    return sodium_memcmp(a.expose().data(), b.expose().data(), N) == 0;
  }

 private:
  struct ReturnSlot {
    void operator()(std::uint8_t* slot) const noexcept { return_secret_slot(slot); }
  };
  std::unique_ptr<std::uint8_t, ReturnSlot> slot_;  // null: zeros
};

using SymmetricKey = Secret<32>;

}  // namespace rootlet
