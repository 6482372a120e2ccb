// The header's bytes. Only verify_pack_header() makes a header that may be trusted.
#pragma once

#include "sync/pack/pack.hpp"

namespace rootlet {

inline constexpr std::string_view kPackMagic = "RPK1";
inline constexpr std::uint8_t kPackFormatVersion = 1;
inline constexpr std::uint8_t kPackSuite = 1;
inline constexpr std::string_view kPackDomain = "rootlet pack v1";

// True if a reader takes `raw_bytes` out of `stored_bytes`.
bool is_within_compression_ratio(std::uint64_t stored_bytes, std::uint64_t raw_bytes);

// Everything before the signature.
Bytes encode_pack_header(const PackHeader& header);

// What any header must satisfy, whoever made it: kUntrusted or kBadInput as `code` says.
Status check_pack_header(const PackHeader& header, ErrorCode code);

}  // namespace rootlet
