// A locked key is JSON with the Argon2id salt and the encrypted key.
#include "platform/realm/realm_key.hpp"

#include <unistd.h>

#include <cstdlib>

#include "core/encoding/text_file.hpp"
#include "core/file/file.hpp"
#include "core/format/json.hpp"
#include "core/limits.hpp"
#include "platform/homes/home_key.hpp"
#include "platform/realm/root_keys.hpp"

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

Result<SymmetricKey> open_locked(const fs::path& file) {
  ROOTLET_TRY(const std::string text, read_text_file(file, limits::kConfigFileBytes));
  const Result<json::value> document = parse_json(text, file.string());
  if (document.has_error()) {
    return fail(ErrorCode::kStorageDamaged,
                file.string() + " is neither 32 bytes long nor a locked key");
  }
  ROOTLET_TRY(JsonObject object, JsonObject::from(document.value(), file.string()));
  ROOTLET_TRY(const std::string format, object.text("format"));
  if (format != kFormat) return object.error("format", "is not " + std::string(kFormat));
  ROOTLET_TRY(const Bytes salt, object.base64("salt", kSaltBytes));
  ROOTLET_TRY(const Bytes box, object.base64("box", 256));
  ROOTLET_TRY(object.finish());
  ROOTLET_TRY(const std::string words, passphrase());
  ROOTLET_TRY(const SymmetricKey lock, key_from_passphrase(words, salt));
  ROOTLET_TRY(const Bytes key, unwrap(lock, kDomain, box));
  return SymmetricKey::from(key);
}

}  // namespace

Result<SymmetricKey> open_realm_key(const fs::path& file) {
  if (const std::optional<fs::path> given = credential()) {
    ROOTLET_TRY(const Bytes bytes, read_file(*given, kOpenBytes));
    return SymmetricKey::from(bytes);
  }
  return is_locked(file) ? open_locked(file) : load_home_key(file);
}

bool opens_unattended(const fs::path& file) {
  if (credential().has_value()) return true;
  if (::access(file.c_str(), R_OK) != 0) return false;
  return !is_locked(file) || passphrase_file() != nullptr;
}

Status lock_realm_key(const fs::path& file, const SymmetricKey& key, std::string_view passphrase) {
  const Bytes salt = random_bytes(kSaltBytes);
  ROOTLET_TRY(const SymmetricKey lock, key_from_passphrase(passphrase, salt));
  const json::object locked{{"format", kFormat},
                            {"salt", to_base64(salt)},
                            {"box", to_base64(wrap(lock, kDomain, key.expose()))}};
  return write_file_atomically(file, as_bytes(pretty_json(locked)), FileMode::kPrivate);
}

Status unlock_realm_key(const fs::path& file, const SymmetricKey& key) {
  return write_file_atomically(file, key.expose(), FileMode::kPrivate);
}

}  // namespace rootlet::platform
