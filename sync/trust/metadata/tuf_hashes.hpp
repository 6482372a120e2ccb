// Checks files against the lengths and hashes that metadata states. Known algorithms: sha256,
// sha384, sha512. Rejects a file that only unknown algorithms describe.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/bytes.hpp"

namespace rootlet {

// (algorithm, lower-case hex) in the order in which the metadata lists them.
using TufHashes = std::vector<std::pair<std::string, std::string>>;

// Hashes a file piece by piece, then compares. Call update() any number of times and check() once.
class TufFileCheck {
 public:
  explicit TufFileCheck(const TufHashes& expected);
  ~TufFileCheck();
  TufFileCheck(TufFileCheck&&) noexcept;
  TufFileCheck& operator=(TufFileCheck&&) = delete;

  void update(ByteView bytes);
  // kUntrusted, naming `what`, unless the length is right (if one is stated), every known hash
  // matches and at least one is known.
  Status check(std::optional<std::uint64_t> length, std::string_view what);

 private:
  struct Digest;
  std::vector<Digest> digests_;
  std::uint64_t size_ = 0;
};

// The same for bytes in memory. With `expected` empty only the length is checked.
Status check_length_and_hashes(ByteView bytes, std::optional<std::uint64_t> length,
                               const TufHashes& expected, std::string_view what);

}  // namespace rootlet
