// Hashing of cells and splitting of texts into code points. Both are part of the format.
#include "sync/pack/model/model_row.hpp"

#include <bit>
#include <cstring>

#include "sync/pack/model/predictor.hpp"

namespace rootlet {
namespace {

constexpr std::uint32_t kSurrogates = 0xD800, kAfterSurrogates = 0xE000;

// The number of bytes of the code point at `i`; 0 if there is none. Overlong forms do not count,
// because two texts would yield the same points.
std::size_t point_at(std::string_view text, std::size_t i, std::uint32_t& point) {
  const auto lead = static_cast<unsigned char>(text[i]);
  const std::size_t size = lead < 0x80   ? 1
                           : lead < 0xC2 ? 0
                           : lead < 0xE0 ? 2
                           : lead < 0xF0 ? 3
                           : lead < 0xF5 ? 4
                                         : 0;
  if (size == 0 || size > text.size() - i) return 0;
  point = size == 1 ? lead : lead & (0xFFU >> (size + 1));
  for (std::size_t k = 1; k < size; ++k) {
    const auto byte = static_cast<unsigned char>(text[i + k]);
    if ((byte & 0xC0) != 0x80) return 0;
    point = point << 6 | (byte & 0x3FU);
  }
  constexpr std::uint32_t kSmallest[] = {0, 0, 0x80, 0x800, 0x10000};
  const bool surrogate = point >= kSurrogates && point < kAfterSurrogates;
  return point >= kSmallest[size] && point < kInvalidByte && !surrogate ? size : 0;
}

// Little-endian.
std::uint64_t eight_bytes(const char* bytes) {
  std::uint64_t word = 0;
  if constexpr (std::endian::native == std::endian::little) {
    std::memcpy(&word, bytes, 8);
  } else {
    for (std::size_t i = 8; i-- > 0;) word = word << 8 | static_cast<unsigned char>(bytes[i]);
  }
  return word;
}

}  // namespace

std::uint32_t hash_text(std::string_view text) {
  constexpr std::uint64_t kFactor = 0x9FB21C651E98DF25ULL;
  std::uint64_t h = text.size() * kFactor;
  const char* at = text.data();
  std::size_t left = text.size();
  for (; left >= 8; left -= 8, at += 8) {
    h = (h ^ eight_bytes(at)) * kFactor;
    h ^= h >> 32;
  }
  std::uint64_t rest = 0;
  for (std::size_t i = left; i-- > 0;) rest = rest << 8 | static_cast<unsigned char>(at[i]);
  h = (h ^ rest) * kFactor;
  h ^= h >> 32;
  return mix_bits(static_cast<std::uint32_t>(h)) | 1U;
}

std::uint32_t hash_cell(const CellView& value) {
  switch (value.kind) {
    case CellView::Kind::kNull:
      return 0;
    case CellView::Kind::kText:
      return hash_text(value.text);
    case CellView::Kind::kInteger:
      break;
  }
  const auto bits = static_cast<std::uint64_t>(value.integer);
  return mix_bits(
             hash_of(static_cast<std::uint32_t>(bits), static_cast<std::uint32_t>(bits >> 32))) |
         1U;
}

void ModelRow::view(const RowBlock& block, std::size_t row) {
  for (std::size_t c = 0; c < cells_.size(); ++c) {
    const CellView value = block.columns[c].at(row);
    cells_[c] = {value, hash_cell(value)};
  }
}

void ModelRow::set(std::size_t column, const CellView& value) {
  const std::uint32_t hash = hash_cell(value);
  cells_[column] = {value, hash};
  if (value.kind != CellView::Kind::kText) return;
  cells_[column].value.text = text_of(column).assign(value.text);
}

std::string& ModelRow::text_of(std::size_t column) {
  if (texts_.empty()) texts_.resize(cells_.size());
  return texts_[column];
}

void ModelRow::copy(const ModelRow& other) {
  for (std::size_t c = 0; c < cells_.size(); ++c) {
    cells_[c] = other.cells_[c];
    if (cells_[c].value.kind != CellView::Kind::kText) continue;
    cells_[c].value.text = text_of(c).assign(other.cells_[c].value.text);
  }
}

std::string_view piece_of(std::string_view text, std::size_t skip, std::size_t length) {
  if (skip > text.size()) return {};
  text.remove_prefix(skip);
  return length != 0 ? text.substr(0, length) : text;
}

void split_text(std::string_view text, bool is_text, std::vector<std::uint32_t>& points) {
  points.clear();
  for (std::size_t i = 0; i < text.size();) {
    std::uint32_t point = 0;
    const std::size_t size = is_text ? point_at(text, i, point) : 0;
    const auto byte = static_cast<unsigned char>(text[i]);
    points.push_back(size > 0 ? point : is_text ? kInvalidByte + byte : byte);
    i += size > 0 ? size : 1;
  }
}

bool append_point(std::uint32_t point, bool is_text, std::string& out) {
  const auto put = [&](std::uint32_t byte) { out.push_back(static_cast<char>(byte)); };
  if (!is_text) {
    put(point);
    return point < 256;
  }
  if (point >= kInvalidByte || (point >= kSurrogates && point < kAfterSurrogates)) return false;
  const int more = point < 0x80 ? 0 : point < 0x800 ? 1 : point < 0x10000 ? 2 : 3;
  constexpr std::uint32_t kLead[] = {0, 0xC0, 0xE0, 0xF0};
  put(kLead[more] | point >> (6 * more));
  for (int k = more - 1; k >= 0; --k) put(0x80 | (point >> (6 * k) & 0x3F));
  return true;
}

}  // namespace rootlet
