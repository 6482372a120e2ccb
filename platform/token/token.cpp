// RSA-OAEP with SHA-1 and MGF1 of SHA-1, because every token has it: docs/adr/0021.
#include "platform/token/token.hpp"

#include "core/limits.hpp"

namespace rootlet::platform {
namespace {

constexpr CK_ULONG kRsaBits = 2'048;  // of a pair that is made here: what all tokens make

// Fields of fixed length end in blanks.
template <std::size_t N>
std::string text_of(const CK_UTF8CHAR (&field)[N]) {
  std::string text(reinterpret_cast<const char*>(field), N);
  return text.erase(text.find_last_not_of(std::string_view(" \0", 2)) + 1);
}

bool is_gone(CK_RV code) {
  return code == CKR_DEVICE_REMOVED || code == CKR_TOKEN_NOT_PRESENT || code == CKR_DEVICE_ERROR ||
         code == CKR_SESSION_HANDLE_INVALID || code == CKR_SESSION_CLOSED;
}

Text words_of(PinTries tries) {
  switch (tries) {
    case PinTries::kNone:
      return {.en = "The token has locked its PIN.", .zh = "令牌已锁定 PIN。"};
    case PinTries::kLast:
      return {.en = "The token says that one try is left.", .zh = "令牌提示只剩最后一次机会。"};
    case PinTries::kFewer:
      return {.en = "The token says that fewer tries than usual are left.",
              .zh = "令牌提示剩余次数已减少。"};
    case PinTries::kNotSaid:
      return {.en = "The token does not say how many tries are left.",
              .zh = "令牌未说明剩余次数。"};
  }
  return {};
}

PinTries tries_in(CK_FLAGS flags) {
  if ((flags & CKF_USER_PIN_LOCKED) != 0) return PinTries::kNone;
  if ((flags & CKF_USER_PIN_FINAL_TRY) != 0) return PinTries::kLast;
  return (flags & CKF_USER_PIN_COUNT_LOW) != 0 ? PinTries::kFewer : PinTries::kNotSaid;
}

Error locked_pin(const std::string& label) {
  return token_error(ErrorCode::kNoAccess, "token " + label + ": its PIN is locked",
                     {.en = "Nothing was changed. Who holds the token's SO PIN (PUK) can set a new "
                            "PIN; the keys on the token stay.",
                      .zh = "没有做任何改变。持有令牌 SO PIN（PUK）者可重设 "
                            "PIN，令牌内的密钥不受影响。"});
}

Error wrong_pin(const std::string& label, PinTries tries) {
  if (tries == PinTries::kNone) return locked_pin(label);
  const Text left = words_of(tries);
  return token_error(ErrorCode::kUntrusted, "token " + label + ": the PIN is wrong",
                     {.en = "It was tried once, and nothing was changed. " + left.en +
                            " Correct the PIN before you try again.",
                      .zh = "已尝试一次，没有做任何改变。" + left.zh + "请改正 PIN 后再试。"});
}

struct FoundToken {
  CK_SLOT_ID slot;
  std::string label;
};

Result<std::vector<FoundToken>> tokens_of(const CK_FUNCTION_LIST& call) {
  CK_SLOT_ID slots[limits::kTokenSlots];
  CK_ULONG count = limits::kTokenSlots;
  const CK_RV listed = call.C_GetSlotList(CK_TRUE, slots, &count);
  if (listed != CKR_OK || count > limits::kTokenSlots) {
    return fail(ErrorCode::kStorage, "the module lists no slots, or more than " +
                                         std::to_string(limits::kTokenSlots) + " (PKCS#11 error " +
                                         std::to_string(listed) + ")");
  }
  std::vector<FoundToken> tokens;
  for (CK_ULONG i = 0; i < count; ++i) {
    CK_TOKEN_INFO info{};
    if (call.C_GetTokenInfo(slots[i], &info) != CKR_OK) continue;
    if ((info.flags & CKF_TOKEN_INITIALIZED) != 0)
      tokens.push_back({slots[i], text_of(info.label)});
  }
  return tokens;
}

Error no_such_token(const std::vector<FoundToken>& all, const std::string& label, std::size_t fit) {
  std::string labels;
  for (const FoundToken& one : all) labels += (labels.empty() ? "" : ", ") + one.label;
  const std::string wanted = label.empty() ? "one token" : "one token " + label;
  return token_error(
      ErrorCode::kStorage,
      "there must be " + wanted + ", and there are " + std::to_string(fit) +
          " (tokens here: " + (labels.empty() ? "none" : labels) + ")",
      {.en = "Nothing was changed. Plug the token in, see that its service runs and that this user "
             "may use it; with several tokens name one with --token.",
       .zh = "没有做任何改变。请插入令牌，确认其服务正在运行且本用户有权使用；有多个令牌时用 "
             "--token 指定。"});
}

// Wipes what it holds.
template <std::size_t N>
struct WipedBytes {
  std::uint8_t bytes[N]{};
  ~WipedBytes() { sodium_memzero(bytes, N); }
};

template <typename T>
CK_ATTRIBUTE attribute_of(CK_ATTRIBUTE_TYPE type, T& value) {
  return {type, &value, sizeof value};
}

CK_ATTRIBUTE text_attribute(CK_ATTRIBUTE_TYPE type, std::string& text) {
  return {type, text.data(), text.size()};
}

}  // namespace

Result<Token> Token::open(const std::filesystem::path& file, const std::string& label) {
  ROOTLET_TRY(Pkcs11Module module, Pkcs11Module::open(file));
  ROOTLET_TRY(std::vector<FoundToken> all, tokens_of(module.call()));
  std::vector<FoundToken> fit;
  for (const FoundToken& one : all) {
    if (label.empty() || one.label == label) fit.push_back(one);
  }
  if (fit.size() != 1) return no_such_token(all, label, fit.size());
  CK_SESSION_HANDLE session = CK_INVALID_HANDLE;
  const CK_RV opened = module.call().C_OpenSession(
      fit.front().slot, CKF_SERIAL_SESSION | CKF_RW_SESSION, nullptr, nullptr, &session);
  Token token(std::move(module), fit.front().slot, session, fit.front().label);
  if (opened != CKR_OK) return token.failed("open it", opened);
  return token;
}

Token::Token(Token&& other) noexcept
    : module_(std::move(other.module_)),
      slot_(other.slot_),
      session_(std::exchange(other.session_, CK_INVALID_HANDLE)),
      label_(std::move(other.label_)) {}

Token::~Token() {
  if (session_ != CK_INVALID_HANDLE) call().C_CloseSession(session_);
}

Error Token::failed(const std::string& doing, CK_RV code) const {
  const std::string what = "token " + label_ + ": " + doing;
  if (is_gone(code)) {
    return token_error(ErrorCode::kStorage, what + ": the token was removed, or does not answer",
                       {.en = "Nothing was changed. Plug the token in and run the command again.",
                        .zh = "令牌已拔出或无响应，没有做任何改变。请插入令牌后重新运行。"});
  }
  return token_error(ErrorCode::kStorage, what + ": PKCS#11 error " + std::to_string(code),
                     {.en = "Nothing was changed. The manual of the token's module explains the "
                            "number.",
                      .zh = "没有做任何改变。错误编号的含义见令牌模块的手册。"});
}

Result<PinTries> Token::tries() {
  CK_TOKEN_INFO info{};
  const CK_RV got = call().C_GetTokenInfo(slot_, &info);
  if (got != CKR_OK) return failed("read its state", got);
  return tries_in(info.flags);
}

Status Token::log_in(ByteView pin) {
  ROOTLET_TRY(const PinTries before, tries());
  if (before == PinTries::kNone) return locked_pin(label_);
  Bytes given(pin.begin(), pin.end());  // the interface takes no constant bytes
  const CK_RV entered = call().C_Login(session_, CKU_USER, given.data(), given.size());
  switch (entered) {
    case CKR_OK:
      return ok();
    case CKR_PIN_LOCKED:
      return locked_pin(label_);
    case CKR_PIN_INCORRECT:
    case CKR_PIN_INVALID:
    case CKR_PIN_LEN_RANGE: {
      const Result<PinTries> after = tries();
      return wrong_pin(label_, after.has_value() ? after.value() : PinTries::kNotSaid);
    }
    default:
      return failed("log in", entered);
  }
}

Result<std::vector<CK_OBJECT_HANDLE>> Token::private_keys(const std::string& label) {
  CK_OBJECT_CLASS kind = CKO_PRIVATE_KEY;
  CK_KEY_TYPE type = CKK_RSA;
  std::string name = label;
  CK_ATTRIBUTE wanted[] = {attribute_of(CKA_CLASS, kind), attribute_of(CKA_KEY_TYPE, type),
                           text_attribute(CKA_LABEL, name)};
  CK_RV code = call().C_FindObjectsInit(session_, wanted, std::size(wanted));
  if (code != CKR_OK) return failed("search for key " + label, code);
  CK_OBJECT_HANDLE found[2]{};
  CK_ULONG count = 0;
  code = call().C_FindObjects(session_, found, std::size(found), &count);
  call().C_FindObjectsFinal(session_);
  if (code != CKR_OK || count > std::size(found)) return failed("search for key " + label, code);
  return std::vector<CK_OBJECT_HANDLE>(found, found + count);
}

Result<CK_OBJECT_HANDLE> Token::private_key(const std::string& label) {
  ROOTLET_TRY(const std::vector<CK_OBJECT_HANDLE> found, private_keys(label));
  if (found.size() == 1) return found.front();
  const std::string how_many = found.empty() ? "no RSA key " : "several RSA keys ";
  return token_error(
      ErrorCode::kStorageDamaged, "token " + label_ + " has " + how_many + label,
      {.en = "Nothing was changed. Name a key that is there with --key, or make one with "
             "--make-key. If the key that the realm was locked with is deleted, only a backup of "
             "the realm opens.",
       .zh = "没有做任何改变。请用 --key 指定已有密钥，或用 --make-key "
             "生成。若锁定域所用的密钥已被删除，只能由备份恢复域。"});
}

Result<Bytes> Token::attribute(CK_OBJECT_HANDLE key, CK_ATTRIBUTE_TYPE type,
                               std::size_t max_bytes) {
  Bytes bytes(max_bytes);
  CK_ATTRIBUTE wanted{type, bytes.data(), bytes.size()};
  const CK_RV got = call().C_GetAttributeValue(session_, key, &wanted, 1);
  if (got != CKR_OK || wanted.ulValueLen > max_bytes) return failed("read the key", got);
  bytes.resize(wanted.ulValueLen);
  return bytes;
}

bool Token::says(CK_OBJECT_HANDLE key, CK_ATTRIBUTE_TYPE type, bool value) {
  const Result<Bytes> said = attribute(key, type, sizeof(CK_BBOOL));
  return said.has_value() && said.value() == Bytes(1, value ? CK_TRUE : CK_FALSE);
}

Status Token::make_key(const std::string& label) {
  ROOTLET_TRY(const std::vector<CK_OBJECT_HANDLE> known, private_keys(label));
  if (!known.empty()) {
    return token_error(ErrorCode::kUsage, "token " + label_ + " has a key " + label + " already",
                       {.en = "Nothing was changed. Leave --make-key away to use that key, or give "
                              "another name with --key.",
                        .zh = "没有做任何改变。去掉 --make-key 即使用该密钥，或用 --key "
                              "给出另一个名称。"});
  }
  CK_MECHANISM how{CKM_RSA_PKCS_KEY_PAIR_GEN, nullptr, 0};
  CK_BBOOL yes = CK_TRUE, no = CK_FALSE;
  CK_ULONG bits = kRsaBits;
  CK_BYTE exponent[] = {1, 0, 1};
  std::string name = label;
  Bytes id = random_bytes(16);
  CK_ATTRIBUTE of_public[] = {
      attribute_of(CKA_TOKEN, yes),         attribute_of(CKA_ENCRYPT, yes),
      attribute_of(CKA_MODULUS_BITS, bits), attribute_of(CKA_PUBLIC_EXPONENT, exponent),
      text_attribute(CKA_LABEL, name),      {CKA_ID, id.data(), id.size()}};
  CK_ATTRIBUTE of_private[] = {attribute_of(CKA_TOKEN, yes),     attribute_of(CKA_PRIVATE, yes),
                               attribute_of(CKA_SENSITIVE, yes), attribute_of(CKA_EXTRACTABLE, no),
                               attribute_of(CKA_DECRYPT, yes),   text_attribute(CKA_LABEL, name),
                               {CKA_ID, id.data(), id.size()}};
  CK_OBJECT_HANDLE public_half = 0, private_half = 0;
  const CK_RV made =
      call().C_GenerateKeyPair(session_, &how, of_public, std::size(of_public), of_private,
                               std::size(of_private), &public_half, &private_half);
  return made == CKR_OK ? ok() : Status(failed("make key " + label, made));
}

Result<RsaPublicKey> Token::public_key(const std::string& label) {
  ROOTLET_TRY(const CK_OBJECT_HANDLE key, private_key(label));
  if (says(key, CKA_EXTRACTABLE, true) || says(key, CKA_SENSITIVE, false)) {
    return token_error(ErrorCode::kUntrusted,
                       "token " + label_ + " would give out the private key " + label,
                       {.en = "Nothing was changed. Who has the PIN could copy such a key. Use one "
                              "that is not extractable: --make-key makes one.",
                        .zh = "没有做任何改变。知道 PIN 者可复制这样的密钥。请使用不可导出的密钥："
                              "--make-key 可生成。"});
  }
  RsaPublicKey half;
  ROOTLET_TRY(half.modulus, attribute(key, CKA_MODULUS, limits::kRsaBytes));
  Result<Bytes> exponent = attribute(key, CKA_PUBLIC_EXPONENT, limits::kRsaBytes);
  // Some tokens keep it with the public half only. Were it another than all use, the token could
  // not unwrap, and the caller tries that before it relies on the key.
  half.exponent = exponent.has_value() ? std::move(exponent).value() : Bytes{1, 0, 1};
  return half;
}

Result<SymmetricKey> Token::unwrap(const std::string& label, ByteView wrapped) {
  ROOTLET_TRY(const CK_OBJECT_HANDLE key, private_key(label));
  CK_RSA_PKCS_OAEP_PARAMS oaep{CKM_SHA_1, CKG_MGF1_SHA1, CKZ_DATA_SPECIFIED, nullptr, 0};
  CK_MECHANISM how{CKM_RSA_PKCS_OAEP, &oaep, sizeof oaep};
  CK_RV code = call().C_DecryptInit(session_, &how, key);
  if (code != CKR_OK) return failed("decrypt with key " + label + " (RSA-OAEP, SHA-1)", code);
  Bytes box(wrapped.begin(), wrapped.end());
  WipedBytes<limits::kRsaBytes> opened;
  CK_ULONG length = sizeof opened.bytes;
  code = call().C_Decrypt(session_, box.data(), box.size(), opened.bytes, &length);
  if (is_gone(code)) return failed("decrypt with key " + label, code);
  constexpr std::size_t kKeyBytes = 32;
  if (code != CKR_OK || length != kKeyBytes) {
    return token_error(
        ErrorCode::kUntrusted,
        "token " + label_ + ": key " + label + " does not open this realm's key (PKCS#11 error " +
            std::to_string(code) + ")",
        {.en = "Nothing was changed. realm.key is damaged, or was made with another token: use "
               "that token, or restore the realm from a backup.",
         .zh = "没有做任何改变。realm.key 已损坏或由另一令牌加密：请使用原令牌，或由备份恢复域。"});
  }
  return SymmetricKey::from(ByteView(opened.bytes, kKeyBytes));
}

}  // namespace rootlet::platform
