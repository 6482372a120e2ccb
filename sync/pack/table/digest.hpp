// The digest of a stream's section: the sum mod 2^256 of keyed BLAKE2b-256 over (rid, row), so that
// both ends update it in O(change) (docs/FORMATS.md, "Digest").
#pragma once

#include <algorithm>
#include <array>

#include "core/bytes.hpp"
#include "core/secret.hpp"
#include "sync/pack/table/table.hpp"

namespace rootlet {

// Derives the key for hashing a section's rows from its content key. Keyed, because an unkeyed
// digest in a public header would let anyone test guesses about a row.
SymmetricKey digest_key(const SymmetricKey& content_key);

// The first kSize bytes of a hash or digest.
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
  // Adds or subtracts every row of `rows`, whose columns are those of the section's schema, in
  // order.
  void add(const SymmetricKey& digest_key, const RowBlock& rows);
  void remove(const SymmetricKey& digest_key, const RowBlock& rows);
  void add(const SectionDigest& part);  // a sum over other rows, or over changes
  void add_row(const SymmetricKey& digest_key, Rid rid, std::span<const CellView> row);
  const Hash256& value() const { return sum_; }  // little-endian
  // True if this digest starts with `prefix`.
  bool begins_with(ByteView prefix) const {
    return std::equal(prefix.begin(), prefix.end(), sum_.begin());
  }
  bool operator==(const SectionDigest&) const = default;

 private:
  Hash256 sum_;
};

}  // namespace rootlet
