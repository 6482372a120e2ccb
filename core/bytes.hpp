// Byte containers and views, their text forms (hex, base64), and a bounded reader and writer of
// little-endian integers and LEB128 varints (docs/FORMATS.md, "Primitives").
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.hpp"

namespace rootlet {

using Bytes = std::vector<std::uint8_t>;
using ByteView = std::span<const std::uint8_t>;
using Hash256 = std::array<std::uint8_t, 32>;

inline ByteView as_bytes(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}
inline std::string_view as_text(ByteView bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}
inline Bytes to_bytes(ByteView view) {
  return Bytes(view.begin(), view.end());
}
inline Bytes to_bytes(std::string_view text) {
  return to_bytes(as_bytes(text));
}

std::string to_hex(ByteView bytes);
Result<Bytes> from_hex(std::string_view hex);            // kBadInput
std::string to_base64(ByteView bytes);                   // RFC 4648 section 4, padded
Result<Bytes> from_base64(std::string_view base64);      // kBadInput
Result<Hash256> hash_from_hex(std::string_view hex);     // kBadInput; exactly 64 digits
std::optional<Hash256> hash_from_bytes(ByteView bytes);  // nothing unless they are 32

// Bytes from outside that nobody has verified yet. Only a verifier should look inside: a reviewer
// finds each place that does by the name unchecked().
class UntrustedBytes {
 public:
  explicit UntrustedBytes(Bytes bytes) : bytes_(std::move(bytes)) {}
  ByteView unchecked() const { return bytes_; }
  std::size_t size() const { return bytes_.size(); }

 private:
  Bytes bytes_;
};

// Reads forward in a view that must outlive it, never past its end. Errors are kUntrusted and name
// `what` and the position.
class ByteReader {
 public:
  ByteReader(ByteView bytes, std::string_view what) : bytes_(bytes), what_(what) {}

  std::size_t position() const { return position_; }
  std::size_t left() const { return bytes_.size() - position_; }
  bool at_end() const { return left() == 0; }

  Result<std::uint8_t> u8();
  Result<std::uint32_t> u32();
  Result<std::uint64_t> u64();
  Result<std::uint64_t> varint();  // canonical LEB128, at most 10 bytes
  Result<std::uint64_t> varint_up_to(std::uint64_t max);
  Result<std::int64_t> zigzag();
  Result<ByteView> take(std::size_t count);
  Result<ByteView> sized(std::size_t max);  // varint length, then that many bytes
  Status expect_end();
  Error error(std::string_view detail) const;

 private:
  ByteView bytes_;
  std::size_t position_ = 0;
  std::string what_;
};

class ByteWriter {
 public:
  void u8(std::uint8_t value) { bytes_.push_back(value); }
  void u32(std::uint32_t value);
  void u64(std::uint64_t value);
  void varint(std::uint64_t value);
  void zigzag(std::int64_t value);
  void raw(ByteView bytes) { bytes_.insert(bytes_.end(), bytes.begin(), bytes.end()); }
  void sized(ByteView bytes);
  std::size_t size() const { return bytes_.size(); }
  ByteView view() const { return bytes_; }
  Bytes take() { return std::move(bytes_); }

 private:
  Bytes bytes_;
};

}  // namespace rootlet
