// The root keys: three, each in its own file under its own passphrase (Argon2id), two of which sign
// a change of what the realm trusts. They are made once, sign the first root, and are needed never
// in daily work: keep the files and the passphrases apart, offline.
#pragma once

#include <array>
#include <filesystem>
#include <string>

#include "core/crypto.hpp"

namespace rootlet::platform {

inline constexpr std::size_t kRootKeys = 3;
inline constexpr std::int64_t kRootThreshold = 2;
inline constexpr std::size_t kPassphraseBytes = 12;  // the shortest that is taken

using Passphrases = std::array<std::string, kRootKeys>;

// Words of random letters and digits, 100 bits each.
Passphrases random_passphrases();
// A file of three lines, or of one for all three keys; kUsage if one is too short.
Result<Passphrases> read_passphrases(const std::filesystem::path& path);
// Asked on the terminal, each twice, without an echo; kUsage if they differ.
Result<Passphrases> ask_passphrases();

Status save_root_key(const std::filesystem::path& path, const SigningKey& key,
                     std::string_view passphrase);
// kUntrusted for a wrong passphrase.
Result<SigningKey> load_root_key(const std::filesystem::path& path, std::string_view passphrase);

}  // namespace rootlet::platform
