// Signatures of libsodium without a domain.
#include "sync/trust/metadata/bare_signature.hpp"

#include <sodium.h>

namespace rootlet {

Signature sign_bare(const SigningKey& key, ByteView message) {
  Signature signature;
  crypto_sign_detached(signature.data(), nullptr, message.data(), message.size(),
                       key.secret.expose().data());
  return signature;
}

bool verify_bare(const PublicKey& key, ByteView message, ByteView signature) {
  return signature.size() == crypto_sign_BYTES &&
         crypto_sign_verify_detached(signature.data(), message.data(), message.size(),
                                     key.data()) == 0;
}

}  // namespace rootlet
