// A root key's file is JSON with the Argon2id salt and the encrypted seed.
#include "platform/realm/root_keys.hpp"

#include <termios.h>
#include <unistd.h>

#include <iostream>

#include "core/encoding/text_file.hpp"
#include "core/file/file.hpp"
#include "core/format/json.hpp"
#include "core/limits.hpp"

namespace rootlet::platform {
namespace {

constexpr std::string_view kFormat = "rootlet-root-key/1";
constexpr std::string_view kDomain = "rootlet root key v1";
constexpr std::size_t kSaltBytes = 16;

Status check_passphrase(const std::string& passphrase) {
  if (passphrase.size() >= kPassphraseBytes) return ok();
  return fail(ErrorCode::kUsage,
              "a passphrase needs at least " + std::to_string(kPassphraseBytes) + " characters");
}

// Turns off the terminal's echo during its lifetime.
class SilentTerminal {
 public:
  SilentTerminal() {
    if (::tcgetattr(STDIN_FILENO, &before_) != 0) return;
    termios silent = before_;
    silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    changed_ = ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent) == 0;
  }
  ~SilentTerminal() {
    if (changed_) ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_);
  }
  SilentTerminal(const SilentTerminal&) = delete;
  SilentTerminal& operator=(const SilentTerminal&) = delete;

 private:
  termios before_{};
  bool changed_ = false;
};

// What a terminal sends: without the carriage return of some, UTF-8 only, no control characters.
Result<std::string> typed_passphrase(std::string answer) {
  if (answer.ends_with('\r')) answer.pop_back();
  ROOTLET_TRY(PlainText text, decode_plain_text(std::move(answer), "the passphrase"));
  return std::move(text.text);
}

Result<std::string> ask(const std::string& question) {
  const SilentTerminal silent;
  std::cerr << question << std::flush;
  std::string answer;
  const bool there = static_cast<bool>(std::getline(std::cin, answer));
  std::cerr << '\n';
  if (!there) return fail(ErrorCode::kUsage, "no passphrase was given");
  return typed_passphrase(std::move(answer));
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

Result<Passphrases> read_passphrases(const fs::path& path) {
  ROOTLET_TRY(const PlainText file, read_plain_text(path, limits::kConfigFileBytes));
  const std::string& text = file.text;
  std::vector<std::string> lines;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    std::string line = text.substr(begin, end - begin);
    if (!line.empty()) lines.push_back(std::move(line));
    begin = end + 1;
  }
  if (lines.size() == 1) lines.resize(kRootKeys, lines.front());
  if (lines.size() != kRootKeys) {
    return fail(ErrorCode::kUsage,
                path.string() + " must contain one passphrase or three, one per line");
  }
  Passphrases passphrases;
  for (std::size_t i = 0; i < kRootKeys; ++i) {
    ROOTLET_TRY(check_passphrase(lines[i]));
    passphrases[i] = lines[i];
  }
  return passphrases;
}

Result<Passphrases> ask_passphrases() {
  Passphrases passphrases;
  for (std::size_t i = 0; i < kRootKeys; ++i) {
    const std::string name = "root key " + std::to_string(i + 1);
    ROOTLET_TRY(passphrases[i], ask("Passphrase for " + name + ": "));
    ROOTLET_TRY(check_passphrase(passphrases[i]));
    ROOTLET_TRY(const std::string again, ask("Again: "));
    if (again != passphrases[i]) {
      return fail(ErrorCode::kUsage, "the two passphrases for " + name + " differ");
    }
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

}  // namespace rootlet::platform
