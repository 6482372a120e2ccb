// Values of this program in SQLite columns: times as Unix seconds, hashes as blobs of 32 bytes.
#pragma once

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
// kStorageDamaged, with the name of the database file, if the column holds no 32 bytes.
inline Result<Hash256> read_hash(const Statement& row, int column, std::string_view file) {
  const std::optional<Hash256> hash = hash_from_bytes(row.blob(column));
  if (!hash) return within(file, fail(ErrorCode::kStorageDamaged, "not a hash"));
  return *hash;
}
// For columns that may be empty or null: zeros then.
inline Hash256 hash_at(const Statement& row, int column) {
  return hash_from_bytes(row.blob(column)).value_or(Hash256{});
}

// All rows of a statement with bound parameters, each read by `read`.
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
