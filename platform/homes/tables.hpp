// Tables that several homes of a realm have: settings, secret keys, signed metadata. Each class is
// a view of one open database and lives no longer than it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/clock.hpp"
#include "core/crypto.hpp"
#include "platform/store/store.hpp"

namespace rootlet::platform {

inline constexpr std::string_view kSettingsTable =
    "CREATE TABLE settings(name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;";
inline constexpr std::string_view kSecretsTable =
    "CREATE TABLE secrets(name TEXT PRIMARY KEY, secret BLOB NOT NULL) WITHOUT ROWID;";
inline constexpr std::string_view kMetadataTable = R"sql(
CREATE TABLE metadata(role TEXT, version INTEGER, signed_at INTEGER NOT NULL,
  expires INTEGER NOT NULL, file BLOB NOT NULL, fingerprint BLOB NOT NULL,
  PRIMARY KEY(role, version));
)sql";

class SettingTable {
 public:
  explicit SettingTable(Store& database) : database_(&database) {}
  Result<std::optional<std::string>> find(std::string_view name);
  Result<std::string> needed(std::string_view name);  // kStorageDamaged if missing
  // A whole number; `fallback` if there is no such setting, kStorageDamaged if it is no number.
  Result<std::uint64_t> number(std::string_view name, std::uint64_t fallback);
  Status save(std::string_view name, std::string_view value);

 private:
  Store* database_;
};

class SecretTable {
 public:
  explicit SecretTable(Store& database) : database_(&database) {}
  Result<SymmetricKey> find(std::string_view name);  // kStorageDamaged if missing
  Result<bool> has(std::string_view name);
  Status add(std::string_view name, const SymmetricKey& secret);
  Status replace(std::string_view name, const SymmetricKey& secret);  // also if it is new
  Status remove(std::string_view name);
  // Keeps what it replaces as a former key.
  Status succeed(std::string_view name, const SymmetricKey& secret);
  Result<std::vector<SymmetricKey>> former(std::string_view name);  // the last one first
  Status forget_former(std::string_view name);
  Result<SigningKey> signing_key(std::string_view name);
  Result<SealingKey> sealing_key(std::string_view name);

 private:
  Store* database_;
};

struct MetadataEntry {
  std::int64_t version = 0;
  UnixTime signed_at{}, expires{};
  Bytes file = {};
  Hash256 fingerprint{};  // of its content without version and times
};
using RoleMetadata = std::pair<std::string, MetadataEntry>;  // the role, and its file

class MetadataTable {
 public:
  explicit MetadataTable(Store& database) : database_(&database) {}
  // Keeps every version of root, because a client walks through all of them (TUF 5.3), and the
  // newest of each other role.
  Status save(std::string_view role, const MetadataEntry& entry);
  Result<std::optional<MetadataEntry>> newest(std::string_view role);
  Result<std::vector<RoleMetadata>> all();  // by role and version

 private:
  Store* database_;
};

// Public signing keys one after the other, as one column holds them.
Bytes join_keys(const std::vector<PublicKey>& keys);
std::vector<PublicKey> split_keys(ByteView bytes);  // leaves out what is no usable key

}  // namespace rootlet::platform
