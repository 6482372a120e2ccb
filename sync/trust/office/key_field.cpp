// Decoding is here; which keys are usable is decided in core/crypto.
#include "sync/trust/office/key_field.hpp"

namespace rootlet {
namespace {

constexpr std::size_t kMostKeyBytes = 64;  // enough to say "32 bytes" about a longer one

}  // namespace

Result<PublicKey> read_public_key(JsonObject& object, std::string_view key) {
  ROOTLET_TRY(const Bytes bytes, object.base64(key, kMostKeyBytes));
  Result<PublicKey> parsed = public_key_from(bytes);
  if (parsed.has_error()) return object.error(key, parsed.error().message);
  return parsed;
}

Result<SealingPublicKey> read_sealing_key(JsonObject& object, std::string_view key) {
  ROOTLET_TRY(const Bytes bytes, object.base64(key, kMostKeyBytes));
  Result<SealingPublicKey> parsed = SealingPublicKey::from(bytes);
  if (parsed.has_error()) return object.error(key, parsed.error().message);
  return parsed;
}

}  // namespace rootlet
