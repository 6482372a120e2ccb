// Tells the platform that it has signed two histories: an incident among the office's records,
// which a person upstream decides about. The office's own side is the report of the sync.
#pragma once

#include <vector>

#include "agent/office/office.hpp"
#include "sync/downlink/sync_report.hpp"

namespace rootlet::agent {

// Saves one record about all `forks`; none if there are none.
Status report_forks(Office& office, const std::vector<RealmFork>& forks);

// What a person should know of forks.
Text realm_fork_advice();

}  // namespace rootlet::agent
