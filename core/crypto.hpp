// All cryptographic primitives of this program, from libsodium: Ed25519 signatures, X25519 sealed
// boxes, XChaCha20-Poly1305, BLAKE2b, SipHash, Argon2id, and SHA-256 for TUF. main() must call
// initialise_crypto() first.
#pragma once

#include <string_view>

#include "core/bytes.hpp"
#include "core/secret.hpp"

namespace rootlet {

using PublicKey = std::array<std::uint8_t, 32>;
using Signature = std::array<std::uint8_t, 64>;

struct SigningKey {
  PublicKey public_key{};
  Secret<64> secret;
  static SigningKey generate();
  // The key pair of a 32-byte seed (RFC 8032).
  static SigningKey from_seed(const SymmetricKey& seed);
  SymmetricKey seed() const;
};

struct SealingKey {
  PublicKey public_key{};
  SymmetricKey secret;
  static SealingKey generate();
  static Result<SealingKey> from_secret(SymmetricKey secret);
};

void initialise_crypto();  // aborts if libsodium cannot start

Hash256 sha256(ByteView bytes);
Hash256 blake2b(ByteView bytes);
Hash256 blake2b_keyed(const SymmetricKey& key, ByteView bytes);
Bytes random_bytes(std::size_t count);

// SipHash-2-4 under a secret key, of 16 and of 8 bytes: for hash tables and fingerprints of our
// own, where nobody without the key can construct a collision. Several times as fast as BLAKE2b on
// short texts. Not for signatures or anything that another machine checks.
using ShortKey = Secret<16>;
using ShortHash = std::array<std::uint8_t, 16>;
ShortHash short_hash(const ShortKey& key, ByteView bytes);
std::uint64_t shorter_hash(const ShortKey& key, ByteView bytes);

// Ed25519 over `domain` 0x00 `message`: a signature for one domain is never valid for another.
Signature sign(const SigningKey& key, std::string_view domain, ByteView message);
bool verify(const PublicKey& key, std::string_view domain, ByteView message, ByteView signature);

// X25519 sealed box: only the holder of the secret key opens it. It does not show who sealed it.
Bytes seal(const PublicKey& recipient, ByteView message);
Result<Bytes> open_sealed(const SealingKey& recipient, ByteView sealed);  // kUntrusted

// XChaCha20-Poly1305 with a random nonce in front, for keys that are kept in files.
Bytes wrap(const SymmetricKey& key, std::string_view domain, ByteView message);
Result<Bytes> unwrap(const SymmetricKey& key, std::string_view domain, ByteView box);  // kUntrusted

// Argon2id with libsodium's interactive cost; the salt has 16 bytes (else kBadInput).
Result<SymmetricKey> key_from_passphrase(std::string_view passphrase, ByteView salt);

Result<PublicKey> public_key_from(ByteView bytes);  // kBadInput unless 32 bytes

}  // namespace rootlet
