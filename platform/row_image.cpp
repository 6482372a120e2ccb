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
  ByteWriter writer;
  if (cell.kind == CellView::Kind::kInteger) {
    writer.u8(kIntegerTag);
    writer.zigzag(cell.integer);
  } else if (cell.kind == CellView::Kind::kText) {
    writer.u8(kTextTag);
    writer.varint(cell.text.size());
  } else {
    writer.u8(kNullTag);
  }
  image += as_text(writer.view());
  if (cell.kind == CellView::Kind::kText) image += cell.text;
}

// Integers: the sign bit turned, so that negative ones come first. Texts: a zero byte is written 00
// FF and the end 00 00, so that no key begins another and the order is that of the bytes.
void append_key_cell(std::string& key, const CellView& cell) {
  if (cell.kind == CellView::Kind::kInteger) {
    append_big_endian(key, static_cast<std::uint64_t>(cell.integer) ^ (1ULL << 63));
    return;
  }
  if (cell.kind == CellView::Kind::kNull) std::abort();  // the source reader refuses empty keys
  for (const char c : cell.text) {
    key.push_back(c);
    if (c == '\0') key.push_back('\xFF');
  }
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
