// The directories that this office has verified since its last batch, the newest last: they go
// along in the next one, so that a lie which gave way to the truth before the office had a record
// to send comes out too. Kept as a fact in keys.db; the oldest go if there are too many.
#pragma once

#include <vector>

#include "agent/office/office.hpp"

namespace rootlet::agent {

// Adds the one of the last sync. Before each sync, which may replace it.
Result<std::vector<SeenDirectory>> note_seen_directory(Office& office);

// A batch carries them now: only the newest stays.
Status forget_seen_directories(Office& office, const std::vector<SeenDirectory>& carried);

}  // namespace rootlet::agent
