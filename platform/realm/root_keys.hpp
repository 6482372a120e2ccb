// The three root keys, each in its own file encrypted under its own passphrase (Argon2id). Two of
// them must sign a change to the root role. They sign the first root and are never needed in daily
// work: keep files and passphrases apart and offline.
#pragma once

#include <array>
#include <filesystem>
#include <string>

#include "core/crypto.hpp"

namespace rootlet::platform {

inline constexpr std::size_t kRootKeys = 3;
inline constexpr std::int64_t kRootThreshold = 2;
inline constexpr std::size_t kPassphraseBytes = 12;  // the minimum

using Passphrases = std::array<std::string, kRootKeys>;

// Random letters and digits in groups of five, 100 bits each.
Passphrases random_passphrases();
// From a file with three lines, or one line for all three keys. kUsage if one is too short.
Result<Passphrases> read_passphrases(const std::filesystem::path& path);
// Prompts for each twice on the terminal, without echo. kUsage if the two differ or are too short.
Result<Passphrases> ask_passphrases();

Status save_root_key(const std::filesystem::path& path, const SigningKey& key,
                     std::string_view passphrase);
// kUntrusted for a wrong passphrase.
Result<SigningKey> load_root_key(const std::filesystem::path& path, std::string_view passphrase);

}  // namespace rootlet::platform
