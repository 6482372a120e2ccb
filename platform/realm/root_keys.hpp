// Root keys, each in its own file encrypted under its own passphrase (Argon2id). A new realm has
// three, and two of them must sign a change of the root role; later there may be more or fewer.
// They are never needed in daily work: keep files and passphrases apart and offline.
#pragma once

#include <array>
#include <filesystem>
#include <string>
#include <vector>

#include "core/crypto.hpp"

namespace rootlet::platform {

inline constexpr std::size_t kRootKeys = 3;          // of a new realm
inline constexpr std::int64_t kRootThreshold = 2;    // of a new realm
inline constexpr std::size_t kPassphraseBytes = 12;  // the minimum

using Passphrases = std::array<std::string, kRootKeys>;

// Random letters and digits in groups of five, 100 bits each.
Passphrases random_passphrases();
// From a file with three lines, or one line for all three keys. kUsage if one is too short.
Result<Passphrases> read_passphrases(const std::filesystem::path& path);
// From a file of one or more lines, each a passphrase. kUsage if one is too short.
Result<std::vector<std::string>> read_passphrase_lines(const std::filesystem::path& path);
// Prompts for each twice on the terminal, without echo. kUsage if the two differ or are too short.
Result<Passphrases> ask_passphrases();
Result<std::string> ask_new_passphrase(const std::string& key_name);
// Prompts once, for a key that exists.
Result<std::string> ask_passphrase(const std::string& key_name);

Status save_root_key(const std::filesystem::path& path, const SigningKey& key,
                     std::string_view passphrase);
// kUntrusted for a wrong passphrase.
Result<SigningKey> load_root_key(const std::filesystem::path& path, std::string_view passphrase);

// The public half, in a file that may travel openly.
Status save_public_half(const std::filesystem::path& path, const PublicKey& key);
// From such a file, or from a root key's own file. The file proves nothing of itself: its maker
// answers for it.
Result<PublicKey> load_public_half(const std::filesystem::path& path);

}  // namespace rootlet::platform
