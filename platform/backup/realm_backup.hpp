// A realm's whole folder in one file under a passphrase, taken while the realm works.
#pragma once

#include "platform/realm/realm.hpp"

namespace rootlet::platform {

struct BackupReport {
  std::uint64_t files = 0, bytes = 0;  // of the folder, before sealing
};

// Everything but locks: keys, registry, states, records, published files. Databases are copied by
// SQLite, so a copy holds what was committed; the realm's lock is held meanwhile, so that they fit
// together. Batches may arrive all the same. kUsage if `file` exists,
// or if the tables lie in PostgreSQL.
Result<BackupReport> back_up_realm(Realm& realm, const fs::path& file, std::string_view passphrase);

// Unpacks a backup into the new folder `folder`. kUntrusted for a wrong passphrase or a file that
// was changed or cut; then the folder is incomplete. The realm in it is as it was: see restore.
Status unpack_backup(const fs::path& file, std::string_view passphrase, const fs::path& folder);

}  // namespace rootlet::platform
