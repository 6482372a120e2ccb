#include "platform/row_image.hpp"

#include <cstdlib>

#include "core/bytes.hpp"
#include "core/limits.hpp"

namespace rootlet {
namespace {

constexpr char kNullTag = 0, kIntegerTag = 1, kTextTag = 2;

void append_big_endian(std::string& out, std::uint64_t value) {
  for (int shift = 56; shift >= 0; shift -= 8) out.push_back(static_cast<char>(value >> shift));
}

void append_varint(std::string& out, std::uint64_t value) {
  for (; value >= 0x80; value >>= 7) out.push_back(static_cast<char>(value | 0x80));
  out.push_back(static_cast<char>(value));
}

Error damaged(const Error& cause) {
  return fail(ErrorCode::kStorageDamaged, "row image: " + cause.message);
}

Result<CellView> read_cell(ByteReader& reader) {
  ROOTLET_TRY(const std::uint8_t tag, reader.u8());
  if (tag == kNullTag) return CellView{};
  if (tag == kIntegerTag) {
    ROOTLET_TRY(const std::int64_t integer, reader.zigzag());
    return CellView{CellView::Kind::kInteger, integer, {}};
  }
  if (tag != kTextTag) return reader.error("an unknown kind of cell");
  ROOTLET_TRY(const ByteView text, reader.sized(limits::kCellBytes));
  return CellView{CellView::Kind::kText, 0, as_text(text)};
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

// Integers: the sign bit turned, so that negative ones come first. Texts: a zero byte is written 00
// FF and the end 00 00, so that no key begins another and the order is that of the bytes.
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
  cells.clear();
  ByteReader reader(as_bytes(image), "image");
  while (!reader.at_end()) {
    Result<CellView> cell = read_cell(reader);
    if (cell.has_error()) return damaged(cell.error());
    cells.push_back(cell.value());
  }
  if (cells.size() != columns) return damaged(reader.error("another number of columns"));
  return ok();
}

}  // namespace rootlet
