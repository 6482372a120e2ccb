// How the registry's values stand in SQLite's columns; for the registry's own files only.
#pragma once

#include <algorithm>
#include <chrono>

#include "core/clock.hpp"
#include "storage/database.hpp"

namespace rootlet {

inline std::int64_t unix_s(UnixTime time) {
  return time.time_since_epoch().count();
}
inline UnixTime time_at(const Statement& row, int column) {
  return UnixTime{std::chrono::seconds(row.integer(column))};
}
inline std::string text_at(const Statement& row, int column) {
  return std::string(row.text(column));
}
inline std::uint64_t count_at(const Statement& row, int column) {
  return static_cast<std::uint64_t>(row.integer(column));
}
// 32 bytes, or zeros if the column holds anything else.
inline Hash256 hash_at(const Statement& row, int column) {
  Hash256 hash{};
  const ByteView blob = row.blob(column);
  if (blob.size() == hash.size()) std::copy(blob.begin(), blob.end(), hash.begin());
  return hash;
}

// Every row of a statement that has its parameters, read by `read`.
template <typename Read>
auto read_all(Statement& statement, Read read) -> Result<std::vector<decltype(read(statement))>> {
  std::vector<decltype(read(statement))> rows;
  while (true) {
    ROOTLET_TRY(const bool more, statement.step());
    if (!more) return rows;
    rows.push_back(read(statement));
  }
}

// The first row, if there is one.
template <typename Read>
auto read_one(Statement& statement, Read read) -> Result<std::optional<decltype(read(statement))>> {
  ROOTLET_TRY(const bool there, statement.step());
  std::optional<decltype(read(statement))> row;
  if (there) row = read(statement);
  return row;
}

}  // namespace rootlet
