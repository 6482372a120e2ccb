// Each row is its count of fields in 2 bytes, each field its length in 4 bytes and its bytes;
// numbers have 8, big-endian (PostgreSQL's manual, "COPY", "Binary Format").
#include "platform/store/store.hpp"

namespace rootlet::platform {
namespace {

constexpr std::size_t kWidthBytes = 2, kLengthBytes = 4, kNumberBytes = 8;

void append_number(Bytes& out, std::uint64_t number, std::size_t bytes) {
  while (bytes-- > 0) out.push_back(static_cast<std::uint8_t>(number >> (8 * bytes) & 0xFF));
}

std::uint64_t number_in(ByteView bytes) {
  std::uint64_t number = 0;
  for (const std::uint8_t byte : bytes) number = number << 8 | byte;
  return number;
}

ByteView cut(ByteView& rest, std::size_t bytes) {
  const ByteView first = rest.first(bytes);
  rest = rest.subspan(bytes);
  return first;
}

}  // namespace

void NewRows::begin_row(std::size_t width) {
  append_number(stream_, width, kWidthBytes);
}

void NewRows::append(Kind kind, ByteView bytes) {
  if (rows_ == 0) kinds_.push_back(kind);
  append_number(stream_, bytes.size(), kLengthBytes);
  stream_.insert(stream_.end(), bytes.begin(), bytes.end());
}

void NewRows::append(std::int64_t number) {
  if (rows_ == 0) kinds_.push_back(Kind::kInteger);
  append_number(stream_, kNumberBytes, kLengthBytes);
  append_number(stream_, static_cast<std::uint64_t>(number), kNumberBytes);
}

void NewRows::bind_row(Statement& statement, ByteView& rest) const {
  cut(rest, kWidthBytes);
  int index = 0;
  for (const Kind kind : kinds_) {
    const ByteView field = cut(rest, static_cast<std::size_t>(number_in(cut(rest, kLengthBytes))));
    ++index;
    if (kind == Kind::kInteger) statement.bind(index, static_cast<std::int64_t>(number_in(field)));
    if (kind == Kind::kText) statement.bind(index, as_text(field));
    if (kind == Kind::kBytes) statement.bind(index, field);
  }
}

std::string NewRows::insertion() const {
  std::string marks = "?";
  for (std::size_t i = 1; i < kinds_.size(); ++i) marks += ",?";
  return "INSERT INTO " + table_ + "(" + columns_ + ") VALUES(" + marks + ")";
}

}  // namespace rootlet::platform
