// The header's bytes (docs/FORMATS.md, "Pack"). Only verify_pack_header() returns a header that can
// be trusted.
#pragma once

#include "sync/pack/pack.hpp"

namespace rootlet {

inline constexpr std::string_view kPackMagic = "RPK1";
inline constexpr std::uint8_t kPackFormatVersion = 1;
inline constexpr std::uint8_t kPackSuite = 1;
inline constexpr std::string_view kPackDomain = "rootlet pack v1";

// True if a reader accepts `raw_bytes` from `stored_bytes`.
bool is_within_compression_ratio(std::uint64_t stored_bytes, std::uint64_t raw_bytes);

// Everything before the signature.
Bytes encode_pack_header(const PackHeader& header);

// The rules for every header, read or written. Fails with `code`, which is kUntrusted or kBadInput.
Status check_pack_header(const PackHeader& header, ErrorCode code);

}  // namespace rootlet
