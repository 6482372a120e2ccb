// A stick that was filled before this office's last sync holds nothing new, and that is no attack.
#pragma once

#include "agent/office/office.hpp"
#include "sync/downlink/fetch/file_source.hpp"

namespace rootlet::agent {

// True if the timestamp at `source` claims a lower version than the trusted one of this office. The
// claim is not verified: it only decides that nothing is taken. False if there is none or it cannot
// be read; the sync says why.
bool is_older_source(FileSource& source, const Office& office);

}  // namespace rootlet::agent
