// Row encoding and the sum (docs/FORMATS.md, "Digest"). Nulls are left out, so that a new nullable
// last column changes no digest. Every other cell carries its column, kind and length, so that no
// two rows share an encoding.
#include "sync/pack/table/digest.hpp"

#include <algorithm>
#include <cstring>

#include "core/crypto.hpp"

namespace rootlet {
namespace {

// The encoding of one row; the buffer is reused from row to row.
class RowEncoding {
 public:
  void start(Rid rid) {
    used_ = 0;
    number(make_room(8), rid, 8);
  }
  void cell(std::size_t column, const CellView& cell) {
    if (cell.kind == CellView::Kind::kNull) return;
    const bool is_text = cell.kind == CellView::Kind::kText;
    std::uint8_t* at = make_room(3 + (is_text ? 4 + cell.text.size() : 8));
    at = number(at, column, 2);
    at = number(at, static_cast<std::uint64_t>(cell.kind), 1);
    if (is_text) {
      at = number(at, cell.text.size(), 4);
      std::memcpy(at, cell.text.data(), cell.text.size());
    } else {
      number(at, static_cast<std::uint64_t>(cell.integer), 8);
    }
  }
  Hash256 hash(const SymmetricKey& key) const {
    return blake2b_keyed(key, ByteView(bytes_).first(used_));
  }

 private:
  // Space for the next `count` bytes.
  std::uint8_t* make_room(std::size_t count) {
    if (bytes_.size() - used_ < count) bytes_.resize(2 * bytes_.size() + count);
    used_ += count;
    return bytes_.data() + (used_ - count);
  }
  static std::uint8_t* number(std::uint8_t* at, std::uint64_t value, int bytes) {
    for (int i = 0; i < bytes; ++i) *at++ = static_cast<std::uint8_t>(value >> (8 * i));
    return at;
  }
  Bytes bytes_;
  std::size_t used_ = 0;
};

constexpr std::size_t kLimb = 8;  // bytes added at once

std::uint64_t load_limb(const Hash256& number, std::size_t at) {
  std::uint64_t limb = 0;
  for (std::size_t i = 0; i < kLimb; ++i) limb |= std::uint64_t{number[at + i]} << (8 * i);
  return limb;
}

void store_limb(Hash256& number, std::size_t at, std::uint64_t limb) {
  for (std::size_t i = 0; i < kLimb; ++i)
    number[at + i] = static_cast<std::uint8_t>(limb >> (8 * i));
}

void add_to(Hash256& sum, const Hash256& value) {
  std::uint64_t carry = 0;
  for (std::size_t at = 0; at < sum.size(); at += kLimb) {
    const std::uint64_t limb = load_limb(sum, at);
    const std::uint64_t partial = limb + load_limb(value, at);
    const std::uint64_t total = partial + carry;
    carry =
        static_cast<std::uint64_t>(partial < limb) + static_cast<std::uint64_t>(total < partial);
    store_limb(sum, at, total);
  }
}

void subtract_from(Hash256& sum, const Hash256& value) {
  std::uint64_t borrow = 0;
  for (std::size_t at = 0; at < sum.size(); at += kLimb) {
    const std::uint64_t limb = load_limb(sum, at);
    const std::uint64_t partial = limb - load_limb(value, at);
    const std::uint64_t total = partial - borrow;
    borrow =
        static_cast<std::uint64_t>(partial > limb) + static_cast<std::uint64_t>(total > partial);
    store_limb(sum, at, total);
  }
}

template <typename Fold>
void each_hash(const SymmetricKey& key, const RowBlock& rows, Fold fold) {
  RowEncoding encoding;
  for (std::size_t row = 0; row < rows.rids.size(); ++row) {
    encoding.start(rows.rids[row]);
    for (std::size_t c = 0; c < rows.columns.size(); ++c) {
      encoding.cell(c, rows.columns[c].at(row));
    }
    fold(encoding.hash(key));
  }
}

}  // namespace

SymmetricKey digest_key(const SymmetricKey& content_key) {
  const Hash256 derived = blake2b_keyed(content_key, as_bytes("rootlet digest v1"));
  SymmetricKey key;
  std::copy(derived.begin(), derived.end(), key.expose_mutable().begin());
  return key;
}

void SectionDigest::add(const SymmetricKey& digest_key, const RowBlock& rows) {
  each_hash(digest_key, rows, [this](const Hash256& hash) { add_to(sum_, hash); });
}

void SectionDigest::remove(const SymmetricKey& digest_key, const RowBlock& rows) {
  each_hash(digest_key, rows, [this](const Hash256& hash) { subtract_from(sum_, hash); });
}

void SectionDigest::add(const SectionDigest& part) {
  add_to(sum_, part.sum_);
}

void SectionDigest::add_row(const SymmetricKey& digest_key, Rid rid,
                            std::span<const CellView> row) {
  RowEncoding encoding;
  encoding.start(rid);
  for (std::size_t c = 0; c < row.size(); ++c) encoding.cell(c, row[c]);
  add_to(sum_, encoding.hash(digest_key));
}

}  // namespace rootlet
