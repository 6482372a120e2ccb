// Signing the root role again, with the same content and a new end. It needs the root keys, which
// daily work never does.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "platform/realm/realm.hpp"

namespace rootlet::platform {

struct RootRenewal {
  std::int64_t version = 0;
  UnixTime expires{};
};

// Publishes the next version of root, signed with the keys in `key_files`, each opened by one of
// `passphrases`. kUsage if they are fewer than the realm needs or are not its keys; kUntrusted if
// no passphrase opens a file. Takes the realm's lock.
Result<RootRenewal> renew_root(Realm& realm, const std::vector<std::filesystem::path>& key_files,
                               const std::vector<std::string>& passphrases, UnixTime now);

}  // namespace rootlet::platform
