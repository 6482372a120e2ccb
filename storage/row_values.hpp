// Values of this program in columns: times as Unix seconds, hashes as blobs of 32 bytes. A row is
// a Statement, or what has its manner (platform/store).
#pragma once

#include <chrono>

#include "core/clock.hpp"
#include "storage/database.hpp"

namespace rootlet {

inline std::int64_t unix_s(UnixTime time) {
  return time.time_since_epoch().count();
}
template <typename Row>
UnixTime time_at(const Row& row, int column) {
  return UnixTime{std::chrono::seconds(row.integer(column))};
}
template <typename Row>
std::string text_at(const Row& row, int column) {
  return std::string(row.text(column));
}
template <typename Row>
std::uint64_t count_at(const Row& row, int column) {
  return static_cast<std::uint64_t>(row.integer(column));
}
// kStorageDamaged, with the name of the database file, if the column holds no 32 bytes.
template <typename Row>
Result<Hash256> read_hash(const Row& row, int column, std::string_view file) {
  const std::optional<Hash256> hash = hash_from_bytes(row.blob(column));
  if (!hash) return within(file, fail(ErrorCode::kStorageDamaged, "not a hash"));
  return *hash;
}
// For columns that may be empty or null: zeros then.
template <typename Row>
Hash256 hash_at(const Row& row, int column) {
  return hash_from_bytes(row.blob(column)).value_or(Hash256{});
}

// All rows of a statement with bound parameters, each read by `read`.
template <typename Rows, typename Read>
auto read_all(Rows& statement, Read read) -> Result<std::vector<decltype(read(statement))>> {
  std::vector<decltype(read(statement))> rows;
  while (true) {
    ROOTLET_TRY(const bool more, statement.step());
    if (!more) return rows;
    rows.push_back(read(statement));
  }
}

// The first row, if there is one.
template <typename Rows, typename Read>
auto read_one(Rows& statement, Read read) -> Result<std::optional<decltype(read(statement))>> {
  ROOTLET_TRY(const bool there, statement.step());
  std::optional<decltype(read(statement))> row;
  if (there) row = read(statement);
  return row;
}

}  // namespace rootlet
