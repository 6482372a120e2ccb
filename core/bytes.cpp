// Hex, base64 (RFC 4648) and LEB128; the forms that the reader refuses are in docs/FORMATS.md,
// "Primitives".
#include "core/bytes.hpp"

#include <sodium.h>

#include <algorithm>

namespace rootlet {

std::string to_hex(ByteView bytes) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string out;
  out.reserve(bytes.size() * 2);
  for (const std::uint8_t byte : bytes) {
    out.push_back(kDigits[byte >> 4]);
    out.push_back(kDigits[byte & 15]);
  }
  return out;
}

Result<Bytes> from_hex(std::string_view hex) {
  if (hex.size() % 2 != 0) return bad_input("not a hexadecimal string", "hex");
  if (hex.empty()) return Bytes{};  // libsodium takes no null pointer
  Bytes out(hex.size() / 2);
  std::size_t written = 0;
  const char* end = nullptr;
  const int failed =
      sodium_hex2bin(out.data(), out.size(), hex.data(), hex.size(), nullptr, &written, &end);
  if (failed != 0 || end != hex.data() + hex.size()) {
    return bad_input("not a hexadecimal string", "hex");
  }
  return out;
}

std::string to_base64(ByteView bytes) {
  std::string out(sodium_base64_encoded_len(bytes.size(), sodium_base64_VARIANT_ORIGINAL), '\0');
  sodium_bin2base64(out.data(), out.size(), bytes.data(), bytes.size(),
                    sodium_base64_VARIANT_ORIGINAL);
  out.pop_back();  // the terminating zero
  return out;
}

Result<Bytes> from_base64(std::string_view base64) {
  Bytes out(base64.size() / 4 * 3 + 3);
  std::size_t written = 0;
  const char* end = nullptr;
  const int failed = sodium_base642bin(out.data(), out.size(), base64.data(), base64.size(),
                                       nullptr, &written, &end, sodium_base64_VARIANT_ORIGINAL);
  if (failed != 0 || end != base64.data() + base64.size()) {
    return bad_input("not a base64 string", "base64");
  }
  out.resize(written);
  return out;
}

Result<Hash256> hash_from_hex(std::string_view hex) {
  if (hex.size() != 64) return bad_input("a hash has 64 hexadecimal digits", "hash");
  ROOTLET_TRY(const Bytes bytes, from_hex(hex));
  return *hash_from_bytes(bytes);
}

std::optional<Hash256> hash_from_bytes(ByteView bytes) {
  Hash256 hash;
  if (bytes.size() != hash.size()) return std::nullopt;
  std::copy(bytes.begin(), bytes.end(), hash.begin());
  return hash;
}

Error ByteReader::error(std::string_view detail) const {
  return fail(ErrorCode::kUntrusted,
              what_ + ": byte " + std::to_string(position_) + ": " + std::string(detail));
}

Result<ByteView> ByteReader::take(std::size_t count) {
  if (count > left()) return error("ends too early");
  const ByteView view = bytes_.subspan(position_, count);
  position_ += count;
  return view;
}

Result<std::uint8_t> ByteReader::u8() {
  ROOTLET_TRY(const ByteView view, take(1));
  return view[0];
}

Result<std::uint32_t> ByteReader::u32() {
  ROOTLET_TRY(const ByteView view, take(4));
  std::uint32_t value = 0;
  for (int i = 3; i >= 0; --i) value = (value << 8) | view[static_cast<std::size_t>(i)];
  return value;
}

Result<std::uint64_t> ByteReader::u64() {
  ROOTLET_TRY(const ByteView view, take(8));
  std::uint64_t value = 0;
  for (int i = 7; i >= 0; --i) value = (value << 8) | view[static_cast<std::size_t>(i)];
  return value;
}

Result<std::uint64_t> ByteReader::varint() {
  std::uint64_t value = 0;
  for (int shift = 0; shift < 70; shift += 7) {
    ROOTLET_TRY(const std::uint8_t byte, u8());
    const std::uint64_t bits = byte & 0x7F;
    if (shift == 63 && bits > 1) return error("a number is too large");
    value |= bits << shift;
    if ((byte & 0x80) == 0) {
      if (byte == 0 && shift > 0) return error("a number is not in its shortest form");
      return value;
    }
  }
  return error("a number is too long");
}

Result<std::uint64_t> ByteReader::varint_up_to(std::uint64_t max) {
  ROOTLET_TRY(const std::uint64_t value, varint());
  if (value > max) {
    return error("a number is " + std::to_string(value) + ", above " + std::to_string(max));
  }
  return value;
}

Result<std::int64_t> ByteReader::zigzag() {
  ROOTLET_TRY(const std::uint64_t coded, varint());
  return static_cast<std::int64_t>((coded >> 1) ^ (~(coded & 1) + 1));
}

Result<ByteView> ByteReader::sized(std::size_t max) {
  ROOTLET_TRY(const std::uint64_t count, varint_up_to(max));
  return take(static_cast<std::size_t>(count));
}

Status ByteReader::expect_end() {
  if (!at_end()) return error("has " + std::to_string(left()) + " bytes too many");
  return ok();
}

void ByteWriter::u32(std::uint32_t value) {
  for (int i = 0; i < 4; ++i) u8(static_cast<std::uint8_t>(value >> (8 * i)));
}

void ByteWriter::u64(std::uint64_t value) {
  for (int i = 0; i < 8; ++i) u8(static_cast<std::uint8_t>(value >> (8 * i)));
}

void ByteWriter::varint(std::uint64_t value) {
  while (value >= 0x80) {
    u8(static_cast<std::uint8_t>(value | 0x80));
    value >>= 7;
  }
  u8(static_cast<std::uint8_t>(value));
}

void ByteWriter::zigzag(std::int64_t value) {
  const auto raw = static_cast<std::uint64_t>(value);
  varint((raw << 1) ^ (value < 0 ? ~0ULL : 0ULL));
}

void ByteWriter::sized(ByteView bytes) {
  varint(bytes.size());
  raw(bytes);
}

}  // namespace rootlet
