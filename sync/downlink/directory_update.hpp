// Brings the directory stream to the version that the realm's metadata names.
#pragma once

#include "sync/downlink/sync_session.hpp"

namespace rootlet {

// The path from version `held` to the newest version; from nothing if no path leads from there.
// kUntrusted if there is none at all. Pure.
Result<std::vector<DirectoryPackRequest>> plan_directory(
    const std::vector<DirectoryPackRequest>& packs, const std::optional<HeldStream>& held);

// refresh() must have succeeded. On error the directory stands at the version it had, or at a later
// one.
Status update_directory(SyncSession& session, DatasetStore& directory);

}  // namespace rootlet
