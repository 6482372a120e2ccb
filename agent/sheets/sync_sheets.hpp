// Reconciliation sheets of syncs: which streams a sync brought where, with rows and digest. The
// newest stay in outbox.db. What the platform has not heard of yet goes along in the next batch.
#pragma once

#include <vector>

#include "agent/office/office.hpp"
#include "core/format/json_fwd.hpp"
#include "sync/downlink/sync_report.hpp"

namespace rootlet::agent {

// Of a sync that changed streams; nothing for another one.
Status keep_sheet(Office& office, const SyncReport& pulled, UnixTime at);
Result<json::array> sheets(Office& office, std::int64_t most);  // newest first

}  // namespace rootlet::agent
