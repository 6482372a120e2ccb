// A locked key is JSON: with the Argon2id salt and the encrypted key, or as platform/token has it.
#include "platform/realm/realm_key.hpp"

#include <unistd.h>

#include <cstdlib>

#include "core/encoding/text_file.hpp"
#include "core/file/file.hpp"
#include "core/format/json.hpp"
#include "core/limits.hpp"
#include "platform/homes/home_key.hpp"
#include "platform/realm/root_keys.hpp"
#include "platform/token/pin.hpp"

namespace rootlet::platform {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kFormat = "rootlet-realm-key/1";
constexpr std::string_view kDomain = "rootlet realm key v1";
constexpr std::size_t kSaltBytes = 16, kOpenBytes = 32;

std::optional<fs::path> credential() {
  const char* folder = std::getenv("CREDENTIALS_DIRECTORY");
  if (folder == nullptr || *folder == '\0') return std::nullopt;
  fs::path file = fs::path(folder) / kRealmKeyCredential;
  std::error_code unknown;
  return fs::exists(file, unknown) ? std::optional(std::move(file)) : std::nullopt;
}

bool is_locked(const fs::path& file) {
  std::error_code unknown;
  const std::uintmax_t size = fs::file_size(file, unknown);
  return !unknown && size != kOpenBytes;
}

const char* passphrase_file() {
  const char* file = std::getenv(kPassphraseVariable);
  return file != nullptr && *file != '\0' ? file : nullptr;
}

Result<std::string> passphrase() {
  if (const char* file = passphrase_file()) {
    ROOTLET_TRY(const std::vector<std::string> lines, read_passphrase_lines(file));
    if (lines.size() == 1) return lines.front();
    return fail(ErrorCode::kUsage,
                std::string(file) + ": the passphrase of the realm's key must be one line");
  }
  if (::isatty(STDIN_FILENO) == 1) return ask_passphrase("the realm's key");
  return fail(ErrorCode::kUsage, "the realm's key is locked: name a file with its passphrase in " +
                                     std::string(kPassphraseVariable) +
                                     ", or run this on a terminal");
}

Result<SymmetricKey> open_with_passphrase(JsonObject object) {
  ROOTLET_TRY(const std::string format, object.text("format"));
  if (format != kFormat) {
    return object.error(
        "format", "is neither " + std::string(kFormat) + " nor " + std::string(kTokenKeyFormat));
  }
  ROOTLET_TRY(const Bytes salt, object.base64("salt", kSaltBytes));
  ROOTLET_TRY(const Bytes box, object.base64("box", 256));
  ROOTLET_TRY(object.finish());
  ROOTLET_TRY(const std::string words, passphrase());
  ROOTLET_TRY(const SymmetricKey lock, key_from_passphrase(words, salt));
  ROOTLET_TRY(const Bytes key, unwrap(lock, kDomain, box));
  return SymmetricKey::from(key);
}

// The object of a locked key, and whether it needs a token.
struct LockedKey {
  json::value document;
  bool needs_token;
};

Result<LockedKey> read_locked(const fs::path& file) {
  ROOTLET_TRY(const std::string text, read_text_file(file, limits::kConfigFileBytes));
  Result<json::value> document = parse_json(text, file.string());
  if (document.has_error()) {
    return fail(ErrorCode::kStorageDamaged,
                file.string() + " is neither 32 bytes long nor a locked key");
  }
  ROOTLET_TRY(JsonObject object, JsonObject::from(document.value(), file.string()));
  const bool needs_token = object.text_or("format", "") == kTokenKeyFormat;
  return LockedKey{std::move(document).value(), needs_token};
}

Result<SymmetricKey> open_locked(const fs::path& file, PinTry pin_try) {
  ROOTLET_TRY(const LockedKey locked, read_locked(file));
  ROOTLET_TRY(JsonObject object, JsonObject::from(locked.document, file.string()));
  return locked.needs_token ? open_with_token(file, std::move(object), pin_try)
                            : open_with_passphrase(std::move(object));
}

// A key that no token guards any more, or another one, has no refused PIN.
Status replace(const fs::path& file, ByteView bytes) {
  ROOTLET_TRY(write_file_atomically(file, bytes, FileMode::kPrivate));
  return remove_file(refused_pin_mark(file));
}

}  // namespace

Result<SymmetricKey> open_realm_key(const fs::path& file) {
  if (const std::optional<fs::path> given = credential()) {
    ROOTLET_TRY(const Bytes bytes, read_file(*given, kOpenBytes));
    return SymmetricKey::from(bytes);
  }
  return is_locked(file) ? open_locked(file, PinTry::kUnlessRefused) : load_home_key(file);
}

bool opens_unattended(const fs::path& file) {
  if (credential().has_value()) return true;
  if (::access(file.c_str(), R_OK) != 0) return false;
  if (!is_locked(file)) return true;
  const Result<LockedKey> locked = read_locked(file);
  if (locked.has_error()) return false;
  if (!locked.value().needs_token) return passphrase_file() != nullptr;
  std::error_code unknown;
  return pin_is_at_hand() && !fs::exists(refused_pin_mark(file), unknown);
}

Status lock_realm_key(const fs::path& file, const SymmetricKey& key, std::string_view passphrase) {
  const Bytes salt = random_bytes(kSaltBytes);
  ROOTLET_TRY(const SymmetricKey lock, key_from_passphrase(passphrase, salt));
  const json::object locked{{"format", kFormat},
                            {"salt", to_base64(salt)},
                            {"box", to_base64(wrap(lock, kDomain, key.expose()))}};
  return replace(file, as_bytes(pretty_json(locked)));
}

Result<TokenKeyPlace> lock_realm_key_with_token(const fs::path& file, const SymmetricKey& key,
                                                const TokenKeyPlace& place, NewPair pair) {
  ROOTLET_TRY(const WrappedKey wrapped, wrap_with_token(key, place, pair));
  ROOTLET_TRY(replace(file, as_bytes(wrapped.text)));
  return wrapped.place;
}

Status try_realm_pin(const fs::path& file) {
  if (is_locked(file)) {
    ROOTLET_TRY(const LockedKey locked, read_locked(file));
    if (locked.needs_token) {
      ROOTLET_TRY(open_locked(file, PinTry::kByPerson));
      return ok();
    }
  }
  return fail(ErrorCode::kUsage, file.string() + " is not locked with a token, so it has no PIN");
}

Status unlock_realm_key(const fs::path& file, const SymmetricKey& key) {
  return replace(file, key.expose());
}

}  // namespace rootlet::platform
