// Losses of the home: which of its files are gone or do not open, what that means in words, and the
// command that goes on. Nothing that people typed is erased here: what cannot be opened is moved
// into the folder lost-<time> of the home. The table of losses: docs/ARCHITECTURE.md, "What is
// remembered".
#pragma once

#include <span>

#include "agent/office/key_store.hpp"

namespace rootlet::agent {

// keys.db of a home that is in use; nullopt if the home is new. kStorageDamaged, with what helps as
// the hint, if machine.key or keys.db is missing, damaged or does not fit the other files.
Result<std::optional<KeyStore>> open_keys(const Home& home);

// The same error for keys.db that opens but cannot be read.
Error keys_are_lost(const Home& home, std::string_view what);

// Moves each of `files` that exists, with its write-ahead log, into a new folder lost-<time> of the
// home; returns that folder. After a crash in between, another call moves the rest.
Result<fs::path> set_aside(const Home& home, std::span<const fs::path> files, UnixTime now);

// After the loss of the keys: sets aside machine.key, keys.db, outbox.db and ledger.db, and removes
// the caches, which are fetched again. The home is new then. Returns the folder.
Result<fs::path> set_office_aside(const Home& home, UnixTime now);

// Removes the database `path` and its write-ahead log. On disk when it returns.
Status remove_database(const fs::path& path);

}  // namespace rootlet::agent
