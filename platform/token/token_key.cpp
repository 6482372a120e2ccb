// One session with the token for each call; no key and no PIN outlives it here.
#include "platform/token/token_key.hpp"

#include "core/file/file.hpp"
#include "core/limits.hpp"
#include "platform/token/pin.hpp"
#include "platform/token/rsa_wrap.hpp"

namespace rootlet::platform {
namespace {

namespace fs = std::filesystem;

Hash256 fingerprint_of(const RsaPublicKey& half) {
  return sha256(half.modulus);
}

struct TokenKeyFile {
  TokenKeyPlace place;
  Bytes fingerprint, wrapped;
};

std::string encode(const TokenKeyFile& file) {
  return pretty_json(json::object{{"format", kTokenKeyFormat},
                                  {"module", file.place.module.string()},
                                  {"token", file.place.token},
                                  {"key", file.place.key},
                                  {"modulus_sha256", to_base64(file.fingerprint)},
                                  {"wrapped", to_base64(file.wrapped)}});
}

Result<TokenKeyFile> parse(JsonObject object) {
  TokenKeyFile file;
  ROOTLET_TRY(const std::string format, object.text("format"));
  if (format != kTokenKeyFormat) {
    return object.error("format", "is not " + std::string(kTokenKeyFormat));
  }
  ROOTLET_TRY(file.place.module, object.text("module"));
  ROOTLET_TRY(file.place.token, object.text("token", limits::kTokenLabelBytes));
  ROOTLET_TRY(file.place.key, object.text("key", limits::kTokenLabelBytes));
  ROOTLET_TRY(file.fingerprint, object.base64("modulus_sha256", std::tuple_size_v<Hash256>));
  ROOTLET_TRY(file.wrapped, object.base64("wrapped", limits::kRsaBytes));
  ROOTLET_TRY(object.finish());
  return file;
}

Result<Token> open_token(const TokenKeyPlace& place) {
  ROOTLET_TRY(check_place_of_module(place.module));
  return Token::open(place.module, place.token);
}

Result<SymmetricKey> unwrap(Token& token, const TokenKeyFile& file) {
  ROOTLET_TRY(const RsaPublicKey half, token.public_key(file.place.key));
  const Hash256 fingerprint = fingerprint_of(half);
  if (!std::ranges::equal(fingerprint, file.fingerprint)) {
    return token_error(
        ErrorCode::kUntrusted,
        "token " + token.label() + " has another key " + file.place.key +
            " than the realm was locked with",
        {.en = "Nothing was changed. Use the token that the realm was locked with, or restore the "
               "realm from a backup.",
         .zh = "没有做任何改变。请使用锁定域时的令牌，或由备份恢复域。"});
  }
  return token.unwrap(file.place.key, file.wrapped);
}

// What was written opens, before anybody relies on it.
Status prove(Token& token, const std::string& text, const SymmetricKey& key) {
  ROOTLET_TRY(const json::value document, parse_json(text, "the new realm.key"));
  ROOTLET_TRY(JsonObject object, JsonObject::from(document, "the new realm.key"));
  ROOTLET_TRY(const TokenKeyFile file, parse(std::move(object)));
  ROOTLET_TRY(const SymmetricKey opened, unwrap(token, file));
  if (opened == key) return ok();
  return fail(ErrorCode::kInternal, "the token opened another key than was wrapped");
}

Result<WrappedKey> wrap(Token& token, const TokenKeyPlace& place, const SymmetricKey& key) {
  ROOTLET_TRY(const RsaPublicKey half, token.public_key(place.key));
  const Hash256 fingerprint = fingerprint_of(half);
  TokenKeyFile file{
      .place = place, .fingerprint = Bytes(fingerprint.begin(), fingerprint.end()), .wrapped = {}};
  file.place.token = token.label();
  ROOTLET_TRY(file.wrapped, rsa_wrap(half, key));
  std::string text = encode(file);
  ROOTLET_TRY(prove(token, text, key));
  return WrappedKey{.place = std::move(file.place), .text = std::move(text)};
}

Error refused_before(const fs::path& file) {
  return token_error(ErrorCode::kNoAccess,
                     "the PIN was wrong the last time, so it is not tried again: " +
                         refused_pin_mark(file).string(),
                     {.en = "Nothing was changed, and no try was spent. Correct the PIN, then run "
                            "\"rootlet-platform realm pin\": it tries once and clears this.",
                      .zh = "没有做任何改变，也没有消耗尝试次数。请改正 PIN，然后运行 "
                            "\"rootlet-platform realm pin\"：它只尝试一次，成功后解除此状态。"});
}

Error last_try(const std::string& token) {
  return token_error(
      ErrorCode::kNoAccess, "token " + token + ": one try is left, and it is not spent on a file",
      {.en = "Nothing was changed. Make sure of the PIN, then run \"rootlet-platform realm pin\".",
       .zh = "没有做任何改变。请先确认 PIN，再运行 \"rootlet-platform realm pin\"。"});
}

Status log_in_once(Token& token, const fs::path& file, PinTry pin_try) {
  const fs::path mark = refused_pin_mark(file);
  std::error_code unknown;
  const bool is_by_person = pin_try == PinTry::kByPerson || !pin_is_at_hand();
  ROOTLET_TRY(const PinTries left, token.tries());
  switch (decide_pin(is_by_person, fs::exists(mark, unknown), left)) {
    case PinDecision::kRefusedBefore:
      return refused_before(file);
    case PinDecision::kKeepLastTry:
      return last_try(token.label());
    case PinDecision::kTry:
      break;
  }
  ROOTLET_TRY(const Pin pin, read_pin(token.label()));
  Status entered = token.log_in(pin.bytes);
  const bool is_wrong = entered.has_error() && entered.error().code == ErrorCode::kUntrusted;
  if (is_wrong && !pin.is_typed) {
    constexpr std::string_view kWords = "The token refused the PIN. See: realm pin --help\n";
    const Status marked = write_file_atomically(mark, as_bytes(kWords), FileMode::kPrivate);
    // Still a wrong PIN: its exit code keeps a service from being started again.
    if (marked.has_error()) return within(marked.error().message, std::move(entered).error());
  }
  if (entered.has_value() && pin_try == PinTry::kByPerson) return remove_file(mark);
  return entered;
}

}  // namespace

PinDecision decide_pin(bool is_by_person, bool was_refused, PinTries left) {
  if (is_by_person) return PinDecision::kTry;
  if (was_refused) return PinDecision::kRefusedBefore;
  return left == PinTries::kLast ? PinDecision::kKeepLastTry : PinDecision::kTry;
}

Result<WrappedKey> wrap_with_token(const SymmetricKey& key, const TokenKeyPlace& place,
                                   NewPair pair) {
  ROOTLET_TRY(Token token, open_token(place));
  ROOTLET_TRY(const Pin pin, read_pin(token.label()));
  ROOTLET_TRY(token.log_in(pin.bytes));
  if (pair == NewPair::kNo) return wrap(token, place, key);
  ROOTLET_TRY(token.make_key(place.key));
  Result<WrappedKey> wrapped = wrap(token, place, key);
  if (wrapped.has_value()) return wrapped;
  return within("key " + place.key + " was made on the token, and realm.key is as before",
                std::move(wrapped).error());
}

Result<SymmetricKey> open_with_token(const fs::path& file, JsonObject object, PinTry pin_try) {
  ROOTLET_TRY(const TokenKeyFile wrapped, parse(std::move(object)));
  ROOTLET_TRY(Token token, open_token(wrapped.place));
  ROOTLET_TRY(log_in_once(token, file, pin_try));
  return unwrap(token, wrapped);
}

fs::path refused_pin_mark(const fs::path& file) {
  return file.string() + ".pin-refused";
}

}  // namespace rootlet::platform
