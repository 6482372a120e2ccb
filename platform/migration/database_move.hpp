// Moves the tables of all homes from their files to PostgreSQL. Nothing of the realm can write
// meanwhile: the files are locked until the end. May be killed at any point and run again; until
// the last step the realm works on its files as before, or, if it was killed within that step,
// refuses to work until it is run again.
//
// What still has the old files open afterwards (a serve that was not stopped) finds their tables
// renamed: it takes nothing in and loses nothing, and goes on when it is started again.
#pragma once

#include "platform/realm/realm.hpp"

namespace rootlet::platform {

struct DatabaseMove {
  std::uint64_t tables = 0, rows = 0;
};

// kUsage if the realm is in a database already, or the database has another realm; kBusy if
// something writes; kStorageDamaged if a table is not the same in both places afterwards.
Result<DatabaseMove> move_to_database(Realm& realm, const std::string& address);

}  // namespace rootlet::platform
