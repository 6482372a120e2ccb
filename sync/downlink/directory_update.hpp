// Updates the directory stream to the version that the realm's metadata names.
#pragma once

#include "sync/downlink/sync_session.hpp"

namespace rootlet {

// The packs from version `held` to the newest version; from 0 if no path starts at `held`.
// kUntrusted if there is no path at all. Pure.
Result<std::vector<DirectoryPackRequest>> plan_directory(
    const std::vector<DirectoryPackRequest>& packs, const std::optional<HeldStream>& held);

// refresh() must have succeeded. On error the directory keeps its version or has reached a later
// one.
Status update_directory(SyncSession& session, DatasetStore& directory);

}  // namespace rootlet
