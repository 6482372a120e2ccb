// Brings the office's part of the directory to what the realm's metadata names: the nodes from the
// root to its division and to the divisions of its grants, the catalogue, the heads below divisions
// that it holds whole, and the definitions of granted datasets.
//
// Promises: all nodes become visible together, after everything was fetched and checked; a parent
// that names a child that is not there yet changes nothing. What a parent pins unchanged is not
// fetched.
#pragma once

#include "sync/downlink/sync_session.hpp"

namespace rootlet {

// refresh() must have succeeded. On error the nodes stay as they were; longer streams of the
// directory may have reached their newest version.
Status update_directory(SyncSession& session, DatasetStore& directory);

}  // namespace rootlet
