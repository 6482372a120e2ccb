// A key file that only a token opens: the key of the publishing home, encrypted to the public half
// of an RSA pair whose private half stays on the token (docs/FORMATS.md, docs/adr/0021).
//
// A wrong PIN costs one try. After that a mark beside the file keeps every program from trying a
// PIN out of a file or credential again, because a token locks itself after a few wrong ones and a
// service is started again and again. A person lifts the mark with `realm pin`.
#pragma once

#include "core/format/json.hpp"
#include "platform/token/token.hpp"

namespace rootlet::platform {

inline constexpr std::string_view kTokenKeyFormat = "rootlet-token-key/1";

// Where the key on the token is.
struct TokenKeyPlace {
  std::filesystem::path module;
  std::string token;  // empty: the only one
  std::string key;
};

enum class NewPair { kNo, kMake };
enum class PinTry {
  kUnlessRefused,  // not if the last PIN from a file was wrong, or one try is left
  kByPerson        // somebody asked for just this try
};

enum class PinDecision { kTry, kRefusedBefore, kKeepLastTry };
// Pure. A PIN that a person types or asks to try is tried whatever happened before.
PinDecision decide_pin(bool is_by_person, bool was_refused, PinTries left);

struct WrappedKey {
  TokenKeyPlace place;
  std::string text;  // the file's
};

// With NewPair::kMake on a pair that the token makes first. The text was opened through the token
// once, so it opens. Writes nothing but the pair.
Result<WrappedKey> wrap_with_token(const SymmetricKey& key, const TokenKeyPlace& place,
                                   NewPair pair);

// `file` holds `object`. kStorage without module or token, kUntrusted for a wrong PIN or a key of
// another token, kNoAccess if the PIN is locked or was refused before, kStorageDamaged if the token
// has no such key.
Result<SymmetricKey> open_with_token(const std::filesystem::path& file, JsonObject object,
                                     PinTry pin_try);

// The mark of a refused PIN, beside the key file.
std::filesystem::path refused_pin_mark(const std::filesystem::path& file);

}  // namespace rootlet::platform
