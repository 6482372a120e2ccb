// A root key's file is JSON with the Argon2id salt and the encrypted seed.
#include "platform/realm/root_keys.hpp"

#include <algorithm>

#include "core/encoding/text_file.hpp"
#include "core/file/file.hpp"
#include "core/format/json.hpp"
#include "core/limits.hpp"
#include "platform/homes/ask_secret.hpp"

namespace rootlet::platform {
namespace {

constexpr std::string_view kFormat = "rootlet-root-key/1";
constexpr std::string_view kPublicFormat = "rootlet-root-public/1";
constexpr std::string_view kDomain = "rootlet root key v1";
constexpr std::size_t kSaltBytes = 16;

Status check_passphrase(const std::string& passphrase) {
  if (passphrase.size() >= kPassphraseBytes) return ok();
  return fail(ErrorCode::kUsage,
              "a passphrase needs at least " + std::to_string(kPassphraseBytes) + " characters");
}

}  // namespace

// An alphabet of 32 characters that do not look alike; 20 of them are 100 bits.
Passphrases random_passphrases() {
  constexpr std::string_view kLetters = "abcdefghijkmnpqrstuvwxyz23456789";
  static_assert(kLetters.size() == 32);
  Passphrases passphrases;
  for (std::string& passphrase : passphrases) {
    const Bytes random = random_bytes(20);
    for (std::size_t i = 0; i < random.size(); ++i) {
      if (i > 0 && i % 5 == 0) passphrase.push_back('-');
      passphrase.push_back(kLetters[random[i] % kLetters.size()]);
    }
  }
  return passphrases;
}

Result<std::vector<std::string>> read_passphrase_lines(const fs::path& path) {
  ROOTLET_TRY(const PlainText file, read_plain_text(path, limits::kConfigFileBytes));
  const std::string& text = file.text;
  std::vector<std::string> lines;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    std::string line = text.substr(begin, end - begin);
    if (!line.empty()) {
      ROOTLET_TRY(check_passphrase(line));
      lines.push_back(std::move(line));
    }
    begin = end + 1;
  }
  if (lines.empty()) return fail(ErrorCode::kUsage, path.string() + " has no passphrase in it");
  return lines;
}

Result<Passphrases> read_passphrases(const fs::path& path) {
  ROOTLET_TRY(std::vector<std::string> lines, read_passphrase_lines(path));
  if (lines.size() == 1) lines.resize(kRootKeys, lines.front());
  if (lines.size() != kRootKeys) {
    return fail(ErrorCode::kUsage,
                path.string() + " must contain one passphrase or three, one per line");
  }
  Passphrases passphrases;
  std::ranges::move(lines, passphrases.begin());
  return passphrases;
}

Result<std::string> ask_new_passphrase(const std::string& key_name) {
  ROOTLET_TRY(std::string passphrase, ask_secret("Passphrase for " + key_name + ": "));
  ROOTLET_TRY(check_passphrase(passphrase));
  ROOTLET_TRY(const std::string again, ask_secret("Again: "));
  if (again == passphrase) return passphrase;
  return fail(ErrorCode::kUsage, "the two passphrases for " + key_name + " differ");
}

Result<std::string> ask_passphrase(const std::string& key_name) {
  return ask_secret("Passphrase of " + key_name + ": ");
}

Result<Passphrases> ask_passphrases() {
  Passphrases passphrases;
  for (std::size_t i = 0; i < kRootKeys; ++i) {
    ROOTLET_TRY(passphrases[i], ask_new_passphrase("root key " + std::to_string(i + 1)));
  }
  return passphrases;
}

Status save_root_key(const fs::path& path, const SigningKey& key, std::string_view passphrase) {
  const Bytes salt = random_bytes(kSaltBytes);
  ROOTLET_TRY(const SymmetricKey lock, key_from_passphrase(passphrase, salt));
  const SymmetricKey seed = key.seed();
  const json::object file{{"format", kFormat},
                          {"public", to_base64(key.public_key)},
                          {"salt", to_base64(salt)},
                          {"box", to_base64(wrap(lock, kDomain, seed.expose()))}};
  return write_file_atomically(path, as_bytes(pretty_json(file)), FileMode::kPrivate);
}

Result<SigningKey> load_root_key(const fs::path& path, std::string_view passphrase) {
  ROOTLET_TRY(const std::string text, read_text_file(path, limits::kConfigFileBytes));
  const std::string what = path.filename().string();
  ROOTLET_TRY(const json::value document, parse_json(text, what));
  ROOTLET_TRY(JsonObject object, JsonObject::from(document, what));
  ROOTLET_TRY(const std::string format, object.text("format"));
  if (format != kFormat) return object.error("format", "is not " + std::string(kFormat));
  ROOTLET_TRY(object.base64("public", 32));
  ROOTLET_TRY(const Bytes salt, object.base64("salt", kSaltBytes));
  ROOTLET_TRY(const Bytes box, object.base64("box", 256));
  ROOTLET_TRY(object.finish());
  ROOTLET_TRY(const SymmetricKey lock, key_from_passphrase(passphrase, salt));
  ROOTLET_TRY(const Bytes seed, unwrap(lock, kDomain, box));
  ROOTLET_TRY(const SymmetricKey secret, SymmetricKey::from(seed));
  return SigningKey::from_seed(secret);
}

Status save_public_half(const fs::path& path, const PublicKey& key) {
  const json::object file{{"format", kPublicFormat}, {"public", to_base64(key)}};
  return write_file_atomically(path, as_bytes(pretty_json(file)));
}

Result<PublicKey> load_public_half(const fs::path& path) {
  ROOTLET_TRY(const std::string text, read_text_file(path, limits::kConfigFileBytes));
  const std::string what = path.filename().string();
  ROOTLET_TRY(const json::value document, parse_json(text, what));
  ROOTLET_TRY(JsonObject object, JsonObject::from(document, what));
  ROOTLET_TRY(const std::string format, object.text("format"));
  if (format != kFormat && format != kPublicFormat) {
    return object.error(
        "format", "is neither " + std::string(kFormat) + " nor " + std::string(kPublicFormat));
  }
  ROOTLET_TRY(const Bytes key, object.base64("public", 32));
  return public_key_from(key);
}

}  // namespace rootlet::platform
