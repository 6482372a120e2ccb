// Encrypting to the public half of a token's key, which needs no token.
#pragma once

#include "platform/token/token.hpp"

namespace rootlet::platform {

// RSA-OAEP with SHA-1 and MGF1 of SHA-1. kBadInput unless the key has 2048 to 4096 bits.
Result<Bytes> rsa_wrap(const RsaPublicKey& key, const SymmetricKey& secret);

}  // namespace rootlet::platform
