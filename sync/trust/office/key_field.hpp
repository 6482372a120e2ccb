// Public keys as fields of JSON that came from outside: base64, of the right kind, and usable. The
// one reader for invitations and enrolments. Pure.
#pragma once

#include "core/crypto.hpp"
#include "core/format/json.hpp"

namespace rootlet {

// kBadInput, naming the field, unless it holds a usable Ed25519 public key.
Result<PublicKey> read_public_key(JsonObject& object, std::string_view key);
// kBadInput, naming the field, unless it holds an X25519 public key that can be sealed to.
Result<SealingPublicKey> read_sealing_key(JsonObject& object, std::string_view key);

}  // namespace rootlet
