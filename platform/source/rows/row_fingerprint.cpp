#include "platform/source/rows/row_fingerprint.hpp"

namespace rootlet::platform {
namespace {

// A new number here makes every row be read again: for a program that interprets the same text
// differently.
constexpr std::string_view kWayOfReading = "rootlet row marks 1";

}  // namespace

RowFingerprinter::RowFingerprinter(const SymmetricKey& secret, std::string_view definition,
                                   std::string_view header) {
  Bytes way;
  for (const std::string_view part : {kWayOfReading, definition, header}) {
    const Hash256 hash = blake2b(as_bytes(part));
    way.insert(way.end(), hash.begin(), hash.end());
  }
  const Hash256 keys = blake2b_keyed(secret, way);
  const auto half = keys.begin() + keys.size() / 2;
  std::copy(keys.begin(), half, text_.expose_mutable().begin());
  std::copy(half, keys.end(), key_.expose_mutable().begin());
}

}  // namespace rootlet::platform
