// One keyed hash for each digit of the division.
#include "sync/trust/office/content_keys.hpp"

#include <algorithm>
#include <string>

#include "core/crypto.hpp"

namespace rootlet {
namespace {

std::string_view digits_of(std::string_view division) {
  return division == "all" ? std::string_view() : division;
}

}  // namespace

SymmetricKey content_key_within(const SymmetricKey& key, std::string_view division,
                                std::string_view part) {
  SymmetricKey found = key.clone();
  for (const char digit : digits_of(part).substr(digits_of(division).size())) {
    const std::string text = std::string("rootlet content key v1/") + digit;
    const Hash256 derived = blake2b_keyed(found, as_bytes(text));
    std::copy(derived.begin(), derived.end(), found.expose_mutable().begin());
  }
  return found;
}

std::optional<SymmetricKey> find_content_key(std::span<const ContentKey> keys,
                                             const StreamName& stream, Grade grade,
                                             std::uint32_t epoch) {
  const ContentKey* narrowest = nullptr;
  std::size_t digits = 0;
  for (const ContentKey& key : keys) {
    const bool fits = key.epoch == epoch && key.grade == grade &&
                      key.stream.dataset == stream.dataset &&
                      division_covers(key.stream.partition, stream.partition);
    const std::size_t length = digits_of(key.stream.partition).size();
    if (!fits || (narrowest != nullptr && length < digits)) continue;
    narrowest = &key;
    digits = length;
  }
  if (narrowest == nullptr) return std::nullopt;
  return content_key_within(narrowest->key, narrowest->stream.partition, stream.partition);
}

}  // namespace rootlet
