// Signature checks with libsodium (ed25519) and OpenSSL (ECDSA, RSA). Key formats: TUF
// specification 1.0, section 4.2.
#include "sync/trust/metadata/tuf_keys.hpp"

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <sodium.h>

#include <memory>
#include <set>

#include "core/limits.hpp"

namespace rootlet {
namespace {

constexpr std::size_t kKeyMaterialBytes = 8 * limits::kKiB;  // an RSA key of 16,384 bits is 3 KiB
constexpr int kRsaBitsMin = 2048;                            // specification 4.2
constexpr int kRsaBitsMax = 16'384;                          // beyond it verifying takes seconds

struct OpenSslFree {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
  void operator()(BIO* bio) const { BIO_free(bio); }
};
using PublicKeyHandle = std::unique_ptr<EVP_PKEY, OpenSslFree>;

enum class Scheme { kEd25519, kEcdsaP256, kRsaPss, kRsaPkcs1, kUnknown };

Scheme scheme_of(const TufKey& key) {
  if (key.type == "ed25519" && key.scheme == "ed25519") return Scheme::kEd25519;
  if ((key.type == "ecdsa" || key.type == "ecdsa-sha2-nistp256") &&
      key.scheme == "ecdsa-sha2-nistp256") {
    return Scheme::kEcdsaP256;
  }
  if (key.type == "rsa" && key.scheme == "rsassa-pss-sha256") return Scheme::kRsaPss;
  if (key.type == "rsa" && key.scheme == "rsa-pkcs1v15-sha256") return Scheme::kRsaPkcs1;
  return Scheme::kUnknown;
}

PublicKeyHandle read_pem(const std::string& pem) {
  const std::unique_ptr<BIO, OpenSslFree> bio(
      BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  if (!bio) return nullptr;
  return PublicKeyHandle(PEM_read_bio_PUBKEY(bio.get(), nullptr, nullptr, nullptr));
}

bool is_p256(const EVP_PKEY* key) {
  char group[32] = {};
  std::size_t length = 0;
  return EVP_PKEY_is_a(key, "EC") == 1 &&
         EVP_PKEY_get_group_name(key, group, sizeof group, &length) == 1 &&
         std::string_view(group, length) == "prime256v1";
}

bool is_sound_rsa(const EVP_PKEY* key) {
  return EVP_PKEY_is_a(key, "RSA") == 1 && EVP_PKEY_get_bits(key) >= kRsaBitsMin &&
         EVP_PKEY_get_bits(key) <= kRsaBitsMax;
}

// The key in a PEM text if it is of the kind that its scheme needs, else null.
PublicKeyHandle read_pem_key(const TufKey& key) {
  PublicKeyHandle handle = read_pem(key.material);
  if (!handle) return nullptr;
  const bool fits =
      scheme_of(key) == Scheme::kEcdsaP256 ? is_p256(handle.get()) : is_sound_rsa(handle.get());
  return fits ? std::move(handle) : nullptr;
}

bool choose_padding(EVP_PKEY_CTX* context, Scheme scheme) {
  if (scheme == Scheme::kEcdsaP256) return true;
  if (scheme == Scheme::kRsaPkcs1) {
    return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING) == 1;
  }
  // Signers use different salt lengths. The salt is not secret, so any length is valid.
  return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PSS_PADDING) == 1 &&
         EVP_PKEY_CTX_set_rsa_pss_saltlen(context, RSA_PSS_SALTLEN_AUTO) == 1;
}

bool verify_with_openssl(const TufKey& key, ByteView message, ByteView signature) {
  const PublicKeyHandle handle = read_pem_key(key);
  const std::unique_ptr<EVP_MD_CTX, OpenSslFree> context(EVP_MD_CTX_new());
  EVP_PKEY_CTX* key_context = nullptr;  // owned by `context`
  return handle && context &&
         EVP_DigestVerifyInit(context.get(), &key_context, EVP_sha256(), nullptr, handle.get()) ==
             1 &&
         choose_padding(key_context, scheme_of(key)) &&
         EVP_DigestVerify(context.get(), signature.data(), signature.size(), message.data(),
                          message.size()) == 1;
}

bool verify_ed25519(const TufKey& key, ByteView message, ByteView signature) {
  const Result<Bytes> raw = from_hex(key.material);
  return raw.has_value() && raw.value().size() == crypto_sign_PUBLICKEYBYTES &&
         signature.size() == crypto_sign_BYTES &&
         crypto_sign_verify_detached(signature.data(), message.data(), message.size(),
                                     raw.value().data()) == 0;
}

Bytes der_of(EVP_PKEY* key) {
  unsigned char* der = nullptr;
  const int length = i2d_PUBKEY(key, &der);
  if (length <= 0) return {};
  Bytes bytes(der, der + length);
  OPENSSL_free(der);
  return bytes;
}

}  // namespace

bool verify_tuf_signature(const TufKey& key, ByteView message, ByteView signature) {
  switch (scheme_of(key)) {
    case Scheme::kEd25519:
      return verify_ed25519(key, message, signature);
    case Scheme::kEcdsaP256:
    case Scheme::kRsaPss:
    case Scheme::kRsaPkcs1:
      return verify_with_openssl(key, message, signature);
    case Scheme::kUnknown:
      break;
  }
  return false;
}

Bytes unique_form(const TufKey& key) {
  const Scheme scheme = scheme_of(key);
  if (scheme == Scheme::kUnknown) return {};
  if (scheme == Scheme::kEd25519) {
    Result<Bytes> raw = from_hex(key.material);
    if (raw.has_error()) return {};
    return std::move(raw).value();
  }
  const PublicKeyHandle handle = read_pem_key(key);
  return handle ? der_of(handle.get()) : Bytes{};
}

Status verify_threshold(const TufRole& role, const TufKeys& keys, ByteView message,
                        const std::vector<TufSignature>& signatures, std::string_view what) {
  const std::set<std::string> allowed(role.key_ids.begin(), role.key_ids.end());
  std::set<Bytes> signers;
  for (const TufSignature& signature : signatures) {
    if (static_cast<std::int64_t>(signers.size()) >= role.threshold) break;
    const auto key = keys.find(signature.key_id);
    if (key == keys.end() || !allowed.contains(signature.key_id)) continue;
    const Result<Bytes> raw = from_hex(signature.hex);
    if (raw.has_error() || !verify_tuf_signature(key->second, message, raw.value())) continue;
    signers.insert(unique_form(key->second));
  }
  if (static_cast<std::int64_t>(signers.size()) >= role.threshold) return ok();
  return fail(ErrorCode::kUntrusted, std::string(what) + ": signed by " +
                                         std::to_string(signers.size()) + " of the " +
                                         std::to_string(role.threshold) + " keys it needs");
}

Result<TufKey> parse_tuf_key(JsonObject object) {
  TufKey key;
  ROOTLET_TRY(key.type, object.text("keytype"));
  ROOTLET_TRY(key.scheme, object.text("scheme"));
  ROOTLET_TRY(JsonObject value, object.object("keyval"));
  // A key of an unknown kind may keep its material under other names.
  if (scheme_of(key) == Scheme::kUnknown) return key;
  ROOTLET_TRY(key.material, value.text("public", kKeyMaterialBytes));
  return key;
}

}  // namespace rootlet
