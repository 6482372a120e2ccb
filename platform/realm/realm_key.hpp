// The key of the publishing home. The file realm.key holds it in the open, with mode 0600, under a
// passphrase, or so that only a PKCS#11 token opens it; or the key comes as a systemd credential
// and there is no file. Who takes a machine whose key is locked gets nothing to publish with.
#pragma once

#include <filesystem>

#include "core/crypto.hpp"
#include "platform/token/token_key.hpp"

namespace rootlet::platform {

// The systemd credential with the 32 bytes of the key.
inline constexpr std::string_view kRealmKeyCredential = "rootlet-realm-key";
// Names a file whose one line is the passphrase of a locked key.
inline constexpr const char* kPassphraseVariable = "ROOTLET_REALM_PASSPHRASE_FILE";

// Without a file of the passphrase or PIN it asks on a terminal. kUsage if it cannot; kUntrusted
// for a wrong one; kStorageDamaged if the file is missing or no key; and what open_with_token()
// says.
Result<SymmetricKey> open_realm_key(const std::filesystem::path& file);
// Whether open_realm_key() needs no person.
bool opens_unattended(const std::filesystem::path& file);

// Replaces the file; after a power cut it is whole, the old or the new.
Status lock_realm_key(const std::filesystem::path& file, const SymmetricKey& key,
                      std::string_view passphrase);
// What is written was opened through the token before. Returns where the key on the token is.
Result<TokenKeyPlace> lock_realm_key_with_token(const std::filesystem::path& file,
                                                const SymmetricKey& key, const TokenKeyPlace& place,
                                                NewPair pair);
// One try with the token, also after a wrong PIN. kUsage if the key needs no token.
Status try_realm_pin(const std::filesystem::path& file);
Status unlock_realm_key(const std::filesystem::path& file, const SymmetricKey& key);

}  // namespace rootlet::platform
