// Queries that a user has saved under a name, with the purpose that they were saved for. Kept in
// keys.db: it is encrypted, every commit is on disk, and each command has it open already; a file
// of its own would be one more to lose. Only the user who saved a query sees it, because its text
// may name people.
#pragma once

#include "agent/office/key_store.hpp"

namespace rootlet::agent {

struct SavedQuery {
  std::string name;
  std::string sql;
  std::string purpose;
};

// Replaces the query of the same name. kBadInput for a name that is empty, longer than
// limits::kNameBytes or has a '/' or control characters, for a statement over limits::kSqlBytes,
// and beyond limits::kSavedQueries.
Status save_query(KeyStore& keys, const std::string& user, const SavedQuery& query);
// By name.
Result<std::vector<SavedQuery>> saved_queries(KeyStore& keys, const std::string& user);
// kBadInput, with the names that are near, if there is none.
Result<SavedQuery> saved_query(KeyStore& keys, const std::string& user, const std::string& name);
Status forget_query(KeyStore& keys, const std::string& user, const std::string& name);

}  // namespace rootlet::agent
