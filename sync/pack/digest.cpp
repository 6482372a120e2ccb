// Row encoding and the sum. A null is left out, so that a new nullable last column changes no
// digest; every other cell carries its column, its kind and its length, so that no two rows share
// an encoding (docs/FORMATS.md, "Digest").
#include "sync/pack/digest.hpp"

#include <algorithm>

#include "core/crypto.hpp"

namespace rootlet {
namespace {

// The bytes of one row; the buffer is reused from row to row.
class RowEncoding {
 public:
  void start(Rid rid) {
    bytes_.clear();
    number(rid, 8);
  }
  void cell(std::size_t column, const CellView& cell) {
    if (cell.kind == CellView::Kind::kNull) return;
    number(column, 2);
    number(static_cast<std::uint64_t>(cell.kind), 1);
    if (cell.kind == CellView::Kind::kInteger) {
      number(static_cast<std::uint64_t>(cell.integer), 8);
    } else {
      number(cell.text.size(), 4);
      const ByteView text = as_bytes(cell.text);
      bytes_.insert(bytes_.end(), text.begin(), text.end());
    }
  }
  Hash256 hash(const SymmetricKey& key) const { return blake2b_keyed(key, bytes_); }

 private:
  void number(std::uint64_t value, int bytes) {
    for (int i = 0; i < bytes; ++i) bytes_.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
  }
  Bytes bytes_;
};

void add_to(Hash256& sum, const Hash256& value) {
  unsigned carry = 0;
  for (std::size_t i = 0; i < sum.size(); ++i) {
    carry += static_cast<unsigned>(sum[i]) + value[i];
    sum[i] = static_cast<std::uint8_t>(carry);
    carry >>= 8;
  }
}

void take_from(Hash256& sum, const Hash256& value) {
  int borrow = 0;
  for (std::size_t i = 0; i < sum.size(); ++i) {
    const int difference = static_cast<int>(sum[i]) - value[i] - borrow;
    sum[i] = static_cast<std::uint8_t>(difference);
    borrow = difference < 0 ? 1 : 0;
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
  each_hash(digest_key, rows, [this](const Hash256& hash) { take_from(sum_, hash); });
}

void SectionDigest::add_row(const SymmetricKey& digest_key, Rid rid,
                            std::span<const CellView> row) {
  RowEncoding encoding;
  encoding.start(rid);
  for (std::size_t c = 0; c < row.size(); ++c) encoding.cell(c, row[c]);
  add_to(sum_, encoding.hash(digest_key));
}

}  // namespace rootlet
