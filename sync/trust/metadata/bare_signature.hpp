// Ed25519 over a message alone, for formats of others whose messages name their own purpose: The
// Update Framework, and the signed notes of transparency logs. Our own formats sign under a domain
// (core/crypto.hpp).
#pragma once

#include "core/crypto.hpp"

namespace rootlet {

Signature sign_bare(const SigningKey& key, ByteView message);
bool verify_bare(const PublicKey& key, ByteView message, ByteView signature);

}  // namespace rootlet
