// What the publisher remembers of the row that a row was read from, so that the same row need
// not be read again: keyed hashes of its bytes and of the row's key.
//
// A fingerprint holds for one way of reading: the definition and the header go into the keys. The
// keys are secret, so nobody who writes a file can make two rows meet; by chance two of a
// million meet once in 10^26 files.
#pragma once

#include "core/crypto.hpp"

namespace rootlet::platform {

struct RowFingerprint {
  ShortHash text{};       // all zero: none
  std::uint64_t key = 0;  // of the row's key (row_image.hpp)
  bool operator==(const RowFingerprint&) const = default;
};

class RowFingerprinter {
 public:
  RowFingerprinter(const SymmetricKey& secret, std::string_view definition,
                   std::string_view header);
  // `row` without its line end.
  ShortHash of_row_text(std::string_view row) const { return short_hash(text_, as_bytes(row)); }
  std::uint64_t of_key(std::string_view key) const { return shorter_hash(key_, as_bytes(key)); }

 private:
  ShortKey text_, key_;
};

}  // namespace rootlet::platform
