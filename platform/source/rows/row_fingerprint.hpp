// Keyed hashes of a source row's text and of its key (SipHash-2-4). The publisher keeps them to
// recognise a row that did not change.
//
// The dataset's definition and the file's header go into the hash keys, so a fingerprint is valid
// for one way of reading only. The keys are secret: an author of files cannot make two rows
// collide. By chance two of a million rows collide once in 10^26 files.
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
