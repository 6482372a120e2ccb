// Takes a new grant file: pinned by the directory, signed by the grants role, sealed to this
// office, and never older than the held one.
#pragma once

#include "sync/downlink/sync_session.hpp"

namespace rootlet {

// True if the directory names a newer grant file than the held one. kUntrusted if it names an older
// one; kNotPermitted if it names none although one is held: this machine was replaced.
Result<bool> needs_grant(const std::optional<GrantEntry>& entry, const GrantFile* held);

// Fetches, checks and keeps the grant file of `entry`. refresh() must have succeeded. On error the
// held grant stays.
Status update_grant(SyncSession& session, const GrantEntry& entry);

}  // namespace rootlet
