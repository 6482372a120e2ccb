// Copies all tables of one store from an encrypted file to PostgreSQL, and compares both by a
// digest for each table. Secrets are sealed on the way, and compared unsealed. One thread.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "platform/store/store.hpp"

namespace rootlet::platform {

// What a table in a file is called once its rows have moved: who still has the file open finds
// nothing to read or to write there.
inline constexpr std::string_view kMovedPrefix = "moved_";

struct CopiedColumn {
  enum class Kind { kInteger, kText, kBytes };
  std::string name;
  Kind kind = Kind::kInteger;
  bool counts_up = false;  // the number of the row
};

struct CopiedTable {
  std::string name;
  bool has_moved = false;  // is called moved_… in the file
  std::vector<CopiedColumn> columns = {};
};

struct TableDigest {
  std::uint64_t rows = 0;
  Hash256 sum{};  // of the hashes of all rows, in any order
  bool operator==(const TableDigest&) const = default;
};

// In the order in which they were made, so that rows come after those that they refer to.
Result<std::vector<CopiedTable>> tables_of(Database& file);
// Replaces what the tables hold in `target`, in one transaction.
Status copy_tables(Database& file, Store& target, const std::vector<CopiedTable>& tables);
Result<TableDigest> digest_of(Database& file, const CopiedTable& table);
Result<TableDigest> digest_of(Store& target, const CopiedTable& table);
// Inside the caller's transaction.
Status rename_moved(Database& file, const std::vector<CopiedTable>& tables);

}  // namespace rootlet::platform
