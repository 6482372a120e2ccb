// A stream as an office holds it: what it reports upstream in its batches, so that the platform can
// compare it with what was published.
#pragma once

#include <string>

#include "core/ids.hpp"

namespace rootlet {

struct HeldVersion {
  StreamName stream;
  Version version = 0;  // 0: no longer held
  std::uint64_t rows = 0;
  std::string digest;  // of section 0: its first 16 hexadecimal digits
  bool operator==(const HeldVersion&) const = default;
};

inline constexpr std::size_t kHeldDigestDigits = 16;  // against mistakes, not against attackers
inline constexpr std::size_t kHeldVersions = 256;     // of one batch: 20 KB before compression

}  // namespace rootlet
