// Tokens that lie, fail or lock themselves; and real ones of SoftHSM: which key opens what, and how
// often a PIN is tried.
#include "platform/token/token.hpp"

#include "core/file/file.hpp"
#include "core/limits.hpp"
#include "platform/token/pin.hpp"
#include "platform/token/rsa_wrap.hpp"
#include "platform/token/token_key.hpp"
#include "tests/support/support.hpp"

using namespace rootlet;
using namespace rootlet::platform;
using namespace rootlet::test;

namespace {

namespace fs = std::filesystem;

constexpr const char* kModule = "/usr/lib/softhsm/libsofthsm2.so";
constexpr std::string_view kPin = "123456", kWrongPin = "654321";

// A variable of the environment while it lives.
class Variable {
 public:
  Variable(const char* name, const std::string& value) : name_(name) {
    ::setenv(name, value.c_str(), 1);
  }
  ~Variable() { ::unsetenv(name_); }
  Variable(const Variable&) = delete;
  Variable& operator=(const Variable&) = delete;

 private:
  const char* name_;
};

// A folder of SoftHSM's tokens with one token in it.
class TokenBox {
 public:
  explicit TokenBox(const std::string& label = "realm") {
    must(make_private_directory(folder_ / "tokens"));
    must(write_file_atomically(folder_ / "softhsm2.conf",
                               as_bytes("directories.tokendir = " + (folder_ / "tokens").string() +
                                        "\nobjectstore.backend = file\nlog.level = ERROR\n")));
    add(label);
  }
  void add(const std::string& label) const {
    const Variable plugged = plug_in();
    const std::string command = "softhsm2-util --init-token --free --label " + label +
                                " --pin 123456 --so-pin 87654321 >/dev/null";
    REQUIRE_MESSAGE(std::system(command.c_str()) == 0, "scripts/deps.sh installs SoftHSM");
  }
  // The token is in the machine while this lives.
  [[nodiscard]] Variable plug_in() const {
    return Variable("SOFTHSM2_CONF", (folder_ / "softhsm2.conf").string());
  }

 private:
  TempDir folder_;
};

Token opened(const std::string& label = "realm") {
  Token token = must(Token::open(kModule, label));
  must(token.log_in(as_bytes(kPin)));
  return token;
}

// A folder for a key file and for a file of the PIN, which is at hand.
struct KeyFiles {
  TempDir folder;
  fs::path file = folder / "realm.key";
  SymmetricKey key = SymmetricKey::random();
  Variable named{kPinVariable, (folder / "pin.txt").string()};

  KeyFiles() { pin(kPin); }
  void pin(std::string_view words) const {
    must(write_file_atomically(folder / "pin.txt", as_bytes(words)));
  }
  std::string wrapped(NewPair pair) const {
    return must(wrap_with_token(key, {.module = kModule, .token = "", .key = "rootlet"}, pair))
        .text;
  }
  Result<SymmetricKey> open(const std::string& text,
                            PinTry pin_try = PinTry::kUnlessRefused) const {
    const json::value document = must(parse_json(text, "key"));
    return open_with_token(file, must(JsonObject::from(document, "key")), pin_try);
  }
  std::optional<ErrorCode> error_of(const std::string& text) const {
    const Result<SymmetricKey> found = open(text);
    if (found.has_value()) CHECK(found.value() == key);
    return found.has_error() ? std::optional(found.error().code) : std::nullopt;
  }
};

std::string with_one_byte_changed(std::string text, const std::string& field) {
  char& letter = text.at(text.find('"', text.find(field) + field.size() + 2) + 20);
  letter = letter == 'A' ? 'B' : 'A';
  return text;
}

// A pair with attributes that Token::make_key() would not give it.
void make_other_pair(CK_ULONG bits, CK_BBOOL is_extractable, CK_BBOOL may_decrypt) {
  const Pkcs11Module module = must(Pkcs11Module::open(kModule));
  CK_SLOT_ID slot[8];
  CK_ULONG slots = 8;
  REQUIRE(module.call().C_GetSlotList(CK_TRUE, slot, &slots) == CKR_OK);
  CK_SESSION_HANDLE session = 0;
  REQUIRE(module.call().C_OpenSession(slot[0], CKF_SERIAL_SESSION | CKF_RW_SESSION, nullptr,
                                      nullptr, &session) == CKR_OK);
  std::string pin(kPin), label = "rootlet";
  REQUIRE(module.call().C_Login(session, CKU_USER, reinterpret_cast<CK_BYTE*>(pin.data()),
                                pin.size()) == CKR_OK);
  CK_MECHANISM how{CKM_RSA_PKCS_KEY_PAIR_GEN, nullptr, 0};
  CK_BBOOL yes = CK_TRUE;
  CK_BYTE exponent[] = {1, 0, 1};
  CK_ATTRIBUTE of_public[] = {{CKA_TOKEN, &yes, sizeof yes},
                              {CKA_MODULUS_BITS, &bits, sizeof bits},
                              {CKA_PUBLIC_EXPONENT, exponent, sizeof exponent}};
  CK_ATTRIBUTE of_private[] = {{CKA_TOKEN, &yes, sizeof yes},
                               {CKA_DECRYPT, &may_decrypt, sizeof may_decrypt},
                               {CKA_SENSITIVE, &yes, sizeof yes},
                               {CKA_EXTRACTABLE, &is_extractable, sizeof is_extractable},
                               {CKA_LABEL, label.data(), label.size()}};
  CK_OBJECT_HANDLE halves[2];
  REQUIRE(module.call().C_GenerateKeyPair(session, &how, of_public, 3, of_private, 5, &halves[0],
                                          &halves[1]) == CKR_OK);
}

ErrorCode error_of_liar(const std::string& lie) {
  const Variable lying("LIE", lie);
  Result<Token> token = Token::open(LYING_MODULE, "liar");
  if (token.has_error()) return token.error().code;
  const Status entered = token.value().log_in(as_bytes(kPin));
  if (entered.has_error()) return entered.error().code;
  const Result<RsaPublicKey> half = token.value().public_key("rootlet");
  if (half.has_error()) return half.error().code;
  return code_of(token.value().unwrap("rootlet", Bytes(256, 1)));
}

}  // namespace

TEST_CASE("token: only the token that a key was wrapped for opens it") {
  const TokenBox box;
  const KeyFiles files;
  std::string text;
  {
    const Variable plugged = box.plug_in();
    text = files.wrapped(NewPair::kMake);
    CHECK_FALSE(files.error_of(text));
    CHECK_FALSE(files.error_of(files.wrapped(NewPair::kNo)));  // the same pair again
    CHECK(files.error_of(with_one_byte_changed(text, "wrapped")) == ErrorCode::kUntrusted);
    CHECK(files.error_of(with_one_byte_changed(text, "modulus_sha256")) == ErrorCode::kUntrusted);
    // A second pair of that name is never made: which one opens the realm?
    CHECK(code_of(wrap_with_token(files.key, {.module = kModule, .token = "", .key = "rootlet"},
                                  NewPair::kMake)) == ErrorCode::kUsage);
  }
  CHECK(text.find(to_base64(files.key.expose())) == text.npos);
  const TokenBox other;  // of the same label
  const Variable plugged = other.plug_in();
  CHECK(files.error_of(text) == ErrorCode::kStorageDamaged);  // without the key
  must(opened().make_key("rootlet"));
  CHECK(files.error_of(text) == ErrorCode::kUntrusted);  // with a key of the same name
}

TEST_CASE("token: one that is missing, or one of several, is named") {
  const TokenBox box("east"), none("elsewhere");
  box.add("west");
  {
    const Variable plugged = box.plug_in();
    const Result<Token> any = Token::open(kModule, "");
    REQUIRE(any.has_error());
    CHECK(any.error().message.find("east") != std::string::npos);
    CHECK(any.error().message.find("west") != std::string::npos);
    CHECK(must(Token::open(kModule, "west")).label() == "west");
  }
  const Variable plugged = none.plug_in();
  CHECK(code_of(Token::open(kModule, "west")) == ErrorCode::kStorage);
}

TEST_CASE("token: a wrong PIN out of a file is tried once, until a person tries again") {
  const TokenBox box;
  const Variable plugged = box.plug_in();
  const KeyFiles files;
  const std::string text = files.wrapped(NewPair::kMake);
  files.pin(kWrongPin);
  CHECK(files.error_of(text) == ErrorCode::kUntrusted);
  CHECK(must(must(Token::open(kModule, "realm")).tries()) == PinTries::kFewer);
  static_cast<void>(opened());  // which sets the token's count back
  for (const std::string_view pin : {kWrongPin, kPin}) {
    files.pin(pin);
    CHECK(files.error_of(text) == ErrorCode::kNoAccess);
  }
  CHECK(must(must(Token::open(kModule, "realm")).tries()) == PinTries::kNotSaid);  // none was spent
  files.pin(kWrongPin);
  CHECK(code_of(files.open(text, PinTry::kByPerson)) == ErrorCode::kUntrusted);
  CHECK(fs::exists(refused_pin_mark(files.file)));
  files.pin(kPin);
  must(files.open(text, PinTry::kByPerson));
  CHECK_FALSE(files.error_of(text));
}

TEST_CASE("token: the last try is not spent on a file, and a person may do anything") {
  using enum PinDecision;
  for (const PinTries left : {PinTries::kNotSaid, PinTries::kFewer, PinTries::kLast}) {
    CHECK(decide_pin(true, true, left) == kTry);
    CHECK(decide_pin(true, false, left) == kTry);
    CHECK(decide_pin(false, true, left) == kRefusedBefore);
  }
  CHECK(decide_pin(false, false, PinTries::kFewer) == kTry);  // of another program of this token
  CHECK(decide_pin(false, false, PinTries::kLast) == kKeepLastTry);
}

TEST_CASE("token: a PIN is one line, and without file and terminal there is none") {
  const TempDir folder;
  CHECK_FALSE(pin_is_at_hand());
  const Variable named(kPinVariable, (folder / "pin").string());
  const auto code = [&](const std::string& text) {
    must(write_file_atomically(folder / "pin", as_bytes(text)));
    const Result<Pin> pin = read_pin("realm");
    return pin.has_error() ? std::optional(pin.error().code) : std::nullopt;
  };
  CHECK_FALSE(code("123456\r\n"));
  CHECK_FALSE(code(std::string(limits::kPinBytes, '1')));
  for (const std::string& wrong :
       {std::string(), std::string("\n"), std::string("1\n2\n"), std::string(256, '1')}) {
    CHECK(code(wrong) == ErrorCode::kUsage);
  }
}

TEST_CASE(
    "token: a key that is short, that the token gives out or that cannot decrypt is refused") {
  struct Wrong {
    CK_ULONG bits;
    CK_BBOOL is_extractable, may_decrypt;
    ErrorCode code;
  };
  // The last one would lock the realm for ever, were the new file not opened before it is used.
  for (const Wrong& wrong : {Wrong{1'024, CK_FALSE, CK_TRUE, ErrorCode::kBadInput},
                             Wrong{2'048, CK_TRUE, CK_TRUE, ErrorCode::kUntrusted},
                             Wrong{2'048, CK_FALSE, CK_FALSE, ErrorCode::kStorage}}) {
    const TokenBox box;
    const Variable plugged = box.plug_in();
    const KeyFiles files;
    make_other_pair(wrong.bits, wrong.is_extractable, wrong.may_decrypt);
    CHECK(code_of(wrap_with_token(files.key, {.module = kModule, .token = "", .key = "rootlet"},
                                  NewPair::kNo)) == wrong.code);
  }
}

TEST_CASE("token: sizes and numbers that a module makes up are refused") {
  for (const char* lie : {"start", "slots", "removed", "objects", "attribute"}) {
    CAPTURE(lie);
    CHECK(error_of_liar(lie) == ErrorCode::kStorage);
  }
  CHECK(error_of_liar("twins") == ErrorCode::kStorageDamaged);
  CHECK(error_of_liar("decrypted") == ErrorCode::kUntrusted);
  CHECK(error_of_liar("last") == ErrorCode::kUntrusted);
  CHECK(error_of_liar("locked") == ErrorCode::kNoAccess);
  CHECK(error_of_liar("locks") == ErrorCode::kNoAccess);
  CHECK(error_of_liar("list") == ErrorCode::kStorage);  // the last: the module stays so
}

TEST_CASE("token: a module is loaded from the system's folders only") {
  CHECK(check_place_of_module(kModule).has_value());
  CHECK(code_of(check_place_of_module(LYING_MODULE)) == ErrorCode::kNoAccess);
  const KeyFiles files;
  const std::string text = R"({"format":"rootlet-token-key/1","module":")" LYING_MODULE
                           R"(","token":"liar","key":"k","modulus_sha256":"","wrapped":""})";
  CHECK(files.error_of(text) == ErrorCode::kNoAccess);
  CHECK(code_of(Token::open("libsofthsm2.so", "realm")) == ErrorCode::kUsage);
  CHECK(code_of(Token::open("/usr/lib/no-such-module.so", "realm")) == ErrorCode::kStorage);
  CHECK(code_of(Token::open("/usr/bin/env", "realm")) == ErrorCode::kStorage);
}
