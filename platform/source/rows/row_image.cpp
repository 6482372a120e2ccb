// The byte form of rows and keys in a publisher's state; the head of row_image.hpp says why.
#include "platform/source/rows/row_image.hpp"

#include <cstdlib>

namespace rootlet::platform {
namespace {

constexpr char kNullTag = 0, kIntegerTag = 1, kTextTag = 2;

void append_big_endian(std::string& out, std::uint64_t value) {
  for (int shift = 56; shift >= 0; shift -= 8) out.push_back(static_cast<char>(value >> shift));
}

void append_varint(std::string& out, std::uint64_t value) {
  for (; value >= 0x80; value >>= 7) out.push_back(static_cast<char>(value | 0x80));
  out.push_back(static_cast<char>(value));
}

// Walks forward in an image and reports at the end if anything did not fit. Images are read by the
// million, so that a step costs no more than the bytes it looks at.
class ImageReader {
 public:
  explicit ImageReader(std::string_view image) : at_(image.data()), end_(at_ + image.size()) {}
  bool at_end() const { return at_ == end_; }

  bool next(CellView& cell) {
    const char tag = *at_++;
    cell = {};
    if (tag == kNullTag) return true;
    std::uint64_t number = 0;
    if ((tag != kIntegerTag && tag != kTextTag) || !varint(number)) return false;
    if (tag == kIntegerTag) {
      cell.kind = CellView::Kind::kInteger;
      cell.integer = static_cast<std::int64_t>(number >> 1 ^ (~(number & 1) + 1));
      return true;
    }
    if (number > static_cast<std::uint64_t>(end_ - at_)) return false;
    cell = {CellView::Kind::kText, 0, {at_, static_cast<std::size_t>(number)}};
    at_ += number;
    return true;
  }

 private:
  bool varint(std::uint64_t& value) {
    for (int shift = 0; at_ != end_ && shift < 64; shift += 7) {
      const auto byte = static_cast<std::uint8_t>(*at_++);
      value |= std::uint64_t{byte & 0x7FU} << shift;
      if (byte < 0x80) return true;
    }
    return false;
  }
  const char* at_;
  const char* end_;
};

Error broken_image(std::size_t cell, std::size_t columns) {
  return fail(ErrorCode::kStorageDamaged, "row image: cell " + std::to_string(cell) + " of " +
                                              std::to_string(columns) + " cannot be read");
}

}  // namespace

void append_image_cell(std::string& image, const CellView& cell) {
  switch (cell.kind) {
    case CellView::Kind::kNull:
      image.push_back(kNullTag);
      return;
    case CellView::Kind::kInteger: {
      const auto bits = static_cast<std::uint64_t>(cell.integer);
      image.push_back(kIntegerTag);
      append_varint(image, bits << 1 ^ (cell.integer < 0 ? ~std::uint64_t{0} : 0));
      return;
    }
    case CellView::Kind::kText:
      image.push_back(kTextTag);
      append_varint(image, cell.text.size());
      image += cell.text;
      return;
  }
}

// Integers: the sign bit flipped, so that negative ones come first. Texts: a zero byte is written
// 00 FF and the end 00 00, so that no key begins another and the order is that of the bytes.
void append_key_cell(std::string& key, const CellView& cell) {
  if (cell.kind == CellView::Kind::kInteger) {
    append_big_endian(key, static_cast<std::uint64_t>(cell.integer) ^ (1ULL << 63));
    return;
  }
  if (cell.kind == CellView::Kind::kNull) std::abort();  // the source reader refuses empty keys
  std::string_view rest = cell.text;
  for (std::size_t zero = 0; (zero = rest.find('\0')) != rest.npos; rest.remove_prefix(zero + 1)) {
    key.append(rest.substr(0, zero + 1));
    key.push_back('\xFF');
  }
  key += rest;
  key.append(2, '\0');
}

Status read_image(std::string_view image, std::size_t columns, std::vector<CellView>& cells) {
  cells.resize(columns);
  ImageReader reader(image);
  std::size_t count = 0;
  while (count < columns && !reader.at_end() && reader.next(cells[count])) ++count;
  if (count == columns && reader.at_end()) return ok();
  return broken_image(count, columns);
}

Status read_image_columns(std::string_view image, std::span<const std::size_t> columns,
                          std::span<CellView> cells) {
  ImageReader reader(image);
  CellView skipped;
  std::size_t next = 0;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    for (; next <= columns[i]; ++next) {
      CellView& cell = next == columns[i] ? cells[i] : skipped;
      if (reader.at_end() || !reader.next(cell)) return broken_image(next, columns.back() + 1);
    }
  }
  return ok();
}

}  // namespace rootlet::platform
