// The digest of a stream's section: the sum mod 2^256 of keyed BLAKE2b-256 over (rid, row), so that
// both ends keep it up to date in O(change) (docs/FORMATS.md, "Digest").
#pragma once

#include <algorithm>
#include <array>

#include "core/bytes.hpp"
#include "core/secret.hpp"
#include "sync/pack/table/table.hpp"

namespace rootlet {

// The key under which a section's rows are hashed, from the section's content key: a digest in a
// public header must not let anyone guess at a single row.
SymmetricKey digest_key(const SymmetricKey& content_key);

// The first bytes of a hash or digest.
template <std::size_t kSize>
std::array<std::uint8_t, kSize> start_of(const Hash256& hash) {
  std::array<std::uint8_t, kSize> start;
  std::copy_n(hash.begin(), kSize, start.begin());
  return start;
}

class SectionDigest {
 public:
  SectionDigest() { sum_.fill(0); }
  explicit SectionDigest(const Hash256& sum) : sum_(sum) {}
  // Adds or takes away every row of `rows`.
  void add(const SymmetricKey& digest_key, const RowBlock& rows);
  void remove(const SymmetricKey& digest_key, const RowBlock& rows);
  void add(const SectionDigest& part);  // a sum over other rows, or over changes
  void add_row(const SymmetricKey& digest_key, Rid rid, std::span<const CellView> row);
  const Hash256& value() const { return sum_; }  // little-endian
  // True if `prefix` is the start of this digest.
  bool begins_with(ByteView prefix) const {
    return std::equal(prefix.begin(), prefix.end(), sum_.begin());
  }
  bool operator==(const SectionDigest&) const = default;

 private:
  Hash256 sum_;
};

}  // namespace rootlet
