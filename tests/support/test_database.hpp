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

// Makes a realm with `make` and copies its folder to `path`, because root keys take their time
// (Argon2). Its schemas cannot be copied, so on PostgreSQL each realm is made anew.
template <typename Make>
void make_or_copy_realm(const std::filesystem::path& made, const std::filesystem::path& path,
                        Make make) {
  if (!test_database(path).empty()) return make(path);
  if (!std::filesystem::exists(made)) make(made);
  std::filesystem::copy(made, path, std::filesystem::copy_options::recursive);
}

}  // namespace rootlet::test
