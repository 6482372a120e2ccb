// The key and cipher of a file's pages
// (utelle.github.io/SQLite3MultipleCiphers).
#pragma once

#include <array>
#include <string>
#include <string_view>

#include "core/result.hpp"
#include "core/secret.hpp"

struct sqlite3;

namespace rootlet {

// What the extension calls them.
inline constexpr const char* kAegis = "aegis";
inline constexpr const char* kChaCha = "chacha20";
// kAegis where the processor has AES, else kChaCha.
const char* quickest_cipher();

// The cipher of the next file that gets a key; `name` is the file's, for errors.
Status choose_cipher(sqlite3* handle, const char* cipher, const std::string& name);
// The key must reach SQLite before the first page is read.
Status set_key(sqlite3* handle, const SymmetricKey& key, const char* cipher,
               const std::string& name);

// "raw:" and 64 hexadecimal digits: a key, not a passphrase, so nothing is derived at each open.
// Wiped on destruction.
class RawKey {
 public:
  explicit RawKey(const SymmetricKey& key);
  RawKey(const RawKey&) = delete;
  RawKey& operator=(const RawKey&) = delete;
  ~RawKey();
  std::string_view text() const { return {text_.data(), text_.size() - 1}; }

 private:
  static constexpr std::string_view kRaw = "raw:";
  std::array<char, kRaw.size() + 2 * 32 + 1> text_{};
};

}  // namespace rootlet
