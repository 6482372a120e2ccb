// One token: a smart card, a stick or a hardware module that keeps private RSA keys and uses them
// itself. Who holds this object may use the keys after log_in(); they never leave the token.
// One thread.
#pragma once

#include <string>

#include "core/crypto.hpp"
#include "platform/token/pkcs11_module.hpp"

namespace rootlet::platform {

// The public half of an RSA key pair, big-endian.
struct RsaPublicKey {
  Bytes modulus, exponent;
  bool operator==(const RsaPublicKey&) const = default;
};

// What the token says of the tries that are left before it locks the PIN.
enum class PinTries { kNotSaid, kFewer, kLast, kNone };

class Token {
 public:
  // `label` is empty for the only token that the module has. kStorage if it is not there.
  static Result<Token> open(const std::filesystem::path& module, const std::string& label);
  Token(Token&& other) noexcept;
  Token& operator=(Token&&) = delete;
  ~Token();

  const std::string& label() const { return label_; }
  Result<PinTries> tries();

  // One try. kUntrusted for a wrong PIN, kNoAccess for a locked one; both say what is left.
  Status log_in(ByteView pin);
  // A new pair of 2048 bits that the token does not give out. kUsage if the label is taken.
  Status make_key(const std::string& label);
  // kStorageDamaged if the token has no RSA key of that label, or several; kUntrusted if the token
  // would give the private half out.
  Result<RsaPublicKey> public_key(const std::string& label);
  // RSA-OAEP. kUntrusted if the token cannot decrypt this with the key of that label.
  Result<SymmetricKey> unwrap(const std::string& label, ByteView wrapped);

 private:
  Token(Pkcs11Module module, CK_SLOT_ID slot, CK_SESSION_HANDLE session, std::string label)
      : module_(std::move(module)), slot_(slot), session_(session), label_(std::move(label)) {}
  const CK_FUNCTION_LIST& call() const { return module_.call(); }
  Error failed(const std::string& doing, CK_RV code) const;
  Result<std::vector<CK_OBJECT_HANDLE>> private_keys(const std::string& label);
  Result<CK_OBJECT_HANDLE> private_key(const std::string& label);
  Result<Bytes> attribute(CK_OBJECT_HANDLE key, CK_ATTRIBUTE_TYPE type, std::size_t max_bytes);
  bool says(CK_OBJECT_HANDLE key, CK_ATTRIBUTE_TYPE type, bool value);

  Pkcs11Module module_;
  CK_SLOT_ID slot_;
  CK_SESSION_HANDLE session_;  // CK_INVALID_HANDLE: moved from
  std::string label_;
};

}  // namespace rootlet::platform
