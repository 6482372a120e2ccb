// OpenSSL, with the parameters that docs/adr/0021 chose.
#include "platform/token/rsa_wrap.hpp"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/rsa.h>

#include "core/limits.hpp"

namespace rootlet::platform {
namespace {

constexpr std::size_t kLeastRsaBytes = 256;

template <auto Free>
struct Freed {
  template <typename T>
  void operator()(T* one) const {
    Free(one);
  }
};
using Number = std::unique_ptr<BIGNUM, Freed<BN_free>>;
using Builder = std::unique_ptr<OSSL_PARAM_BLD, Freed<OSSL_PARAM_BLD_free>>;
using Parameters = std::unique_ptr<OSSL_PARAM, Freed<OSSL_PARAM_free>>;
using Context = std::unique_ptr<EVP_PKEY_CTX, Freed<EVP_PKEY_CTX_free>>;
using Key = std::unique_ptr<EVP_PKEY, Freed<EVP_PKEY_free>>;

Number number(const Bytes& bytes) {
  return Number(BN_bin2bn(bytes.data(), static_cast<int>(bytes.size()), nullptr));
}

Key key_of(const RsaPublicKey& half) {
  const Number modulus = number(half.modulus), exponent = number(half.exponent);
  const Builder builder(OSSL_PARAM_BLD_new());
  if (!modulus || !exponent || !builder ||
      OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, modulus.get()) != 1 ||
      OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, exponent.get()) != 1) {
    return nullptr;
  }
  const Parameters parameters(OSSL_PARAM_BLD_to_param(builder.get()));
  const Context context(EVP_PKEY_CTX_new_from_name(nullptr, "RSA", nullptr));
  EVP_PKEY* key = nullptr;
  if (!parameters || !context || EVP_PKEY_fromdata_init(context.get()) != 1 ||
      EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, parameters.get()) != 1) {
    return nullptr;
  }
  return Key(key);
}

}  // namespace

Result<Bytes> rsa_wrap(const RsaPublicKey& half, const SymmetricKey& secret) {
  const Key key = key_of(half);
  const auto size = static_cast<std::size_t>(key ? EVP_PKEY_get_size(key.get()) : 0);
  if (size < kLeastRsaBytes || size > limits::kRsaBytes) {
    return bad_input("the token's key must be RSA of 2048 to 4096 bits", "key");
  }
  const Context context(EVP_PKEY_CTX_new_from_pkey(nullptr, key.get(), nullptr));
  Bytes wrapped(size);
  std::size_t length = wrapped.size();
  if (!context || EVP_PKEY_encrypt_init(context.get()) != 1 ||
      EVP_PKEY_CTX_set_rsa_padding(context.get(), RSA_PKCS1_OAEP_PADDING) != 1 ||
      EVP_PKEY_CTX_set_rsa_oaep_md(context.get(), EVP_sha1()) != 1 ||
      EVP_PKEY_CTX_set_rsa_mgf1_md(context.get(), EVP_sha1()) != 1 ||
      EVP_PKEY_encrypt(context.get(), wrapped.data(), &length, secret.expose().data(),
                       secret.expose().size()) != 1) {
    return fail(ErrorCode::kInternal, "OpenSSL does not encrypt with RSA-OAEP");
  }
  wrapped.resize(length);
  return wrapped;
}

}  // namespace rootlet::platform
