// The machine reports itself lost or suspect: it locks its data at once, and tells the platform by
// an incident at its next contact. Only a grant file that settles the report unlocks it.
#pragma once

#include "agent/office/office.hpp"

namespace rootlet::agent {

inline constexpr std::size_t kLossReasonBytes = 1000;

// Locks; on disk when it returns. A report that is not settled stays as it is. kBadInput without a
// reason, or with one that is too long.
Status report_loss(Office& office, const std::string& reason);

// Puts the report into the outbox, if it is not there yet. Nothing if there is none.
Status file_loss(Office& office);

}  // namespace rootlet::agent
