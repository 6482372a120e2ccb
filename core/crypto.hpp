// The few primitives that everything signed, sealed or hashed is made of: libsodium's Ed25519,
// X25519 sealed boxes and BLAKE2b, and SHA-256 for TUF. initialise_crypto() comes first in main.
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

// SipHash-2-4 under a secret key: for tables of what we ourselves have read, where nobody who does
// not know the key can make two texts meet. Several times as fast as BLAKE2b on a short text.
using ShortKey = Secret<16>;
using ShortHash = std::array<std::uint8_t, 16>;
ShortHash short_hash(const ShortKey& key, ByteView bytes);
std::uint64_t shorter_hash(const ShortKey& key, ByteView bytes);

// Ed25519 over `domain` 0x00 `message`, so that a signature of one kind is never one of another.
Signature sign(const SigningKey& key, std::string_view domain, ByteView message);
bool verify(const PublicKey& key, std::string_view domain, ByteView message, ByteView signature);

// X25519 sealed box: only the holder of the secret opens it; it does not say who sealed.
Bytes seal(const PublicKey& recipient, ByteView message);
Result<Bytes> open_sealed(const SealingKey& recipient, ByteView sealed);  // kUntrusted

// A random-nonce XChaCha20-Poly1305 box under a shared key, for keys kept in files.
Bytes wrap(const SymmetricKey& key, std::string_view domain, ByteView message);
Result<Bytes> unwrap(const SymmetricKey& key, std::string_view domain, ByteView box);  // kUntrusted

// Argon2id, interactive cost, 16-byte salt: a key from a passphrase.
Result<SymmetricKey> key_from_passphrase(std::string_view passphrase, ByteView salt);

Result<PublicKey> public_key_from(ByteView bytes);  // kBadInput unless 32 bytes

}  // namespace rootlet
