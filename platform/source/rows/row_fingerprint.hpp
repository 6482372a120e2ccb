// What the publisher remembers of the record that a row was read from, so that the same record need
// not be read again: keyed hashes of its bytes and of the row's key.
//
// A fingerprint holds for one way of reading: the definition and the header go into the keys. The
// keys are secret, so nobody who writes a file can make two records meet; by chance two of a
// million meet once in 10^26 files.
#pragma once

#include "core/crypto.hpp"

namespace rootlet::platform {

struct RowFingerprint {
  ShortHash record{};     // all zero: none
  std::uint64_t key = 0;  // of the row's key (row_image.hpp)
  bool operator==(const RowFingerprint&) const = default;
};

class RowFingerprinter {
 public:
  RowFingerprinter(const SymmetricKey& secret, std::string_view definition,
                   std::string_view header);
  // `record` without its line end.
  ShortHash of_record(std::string_view record) const {
    return short_hash(record_, as_bytes(record));
  }
  std::uint64_t of_key(std::string_view key) const { return shorter_hash(key_, as_bytes(key)); }

 private:
  ShortKey record_, key_;
};

}  // namespace rootlet::platform
