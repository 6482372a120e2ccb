// The database that tests of the homes' tables work on: SQLite in a folder, or PostgreSQL if
// ROOTLET_TEST_DATABASE names a server (scripts/postgres.sh starts one).
#pragma once

#include <cstdlib>
#include <filesystem>
#include <functional>
#include <string>

namespace rootlet::test {

// For StorePlace and Realm::create(): empty for SQLite. The same folder gets the same schemas, also
// in another process; folders of tests have names of their own.
inline std::string test_database(const std::filesystem::path& folder) {
  const char* server = std::getenv("ROOTLET_TEST_DATABASE");
  if (server == nullptr || *server == '\0') return {};
  const std::string address = server;
  const std::size_t name = std::hash<std::string>{}(folder.string());
  return address + (address.find('?') == address.npos ? '?' : '&') + "schema=t" +
         std::to_string(name);
}

}  // namespace rootlet::test
