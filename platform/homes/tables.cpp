// The statements of the common tables.
#include "platform/homes/tables.hpp"

#include <algorithm>
#include <charconv>

#include "storage/row_values.hpp"

namespace rootlet::platform {
namespace {

Error missing(std::string_view what, std::string_view name) {
  return fail(ErrorCode::kStorageDamaged,
              "the realm's " + std::string(what) + " " + std::string(name) + " is missing");
}

MetadataEntry metadata_at(const Statement& row, int first) {
  return {.version = row.integer(first),
          .signed_at = time_at(row, first + 1),
          .expires = time_at(row, first + 2),
          .file = to_bytes(row.blob(first + 3)),
          .fingerprint = hash_at(row, first + 4)};
}

// Former keys of `name` are "name/1", "name/2", …
std::string former_name(std::string_view name, std::size_t number) {
  return std::string(name) + "/" + std::to_string(number);
}

}  // namespace

Result<std::optional<std::string>> SettingTable::find(std::string_view name) {
  ROOTLET_TRY(Statement query, database_->prepare("SELECT value FROM settings WHERE name=?"));
  query.bind_all(name);
  return read_one(query, [](const Statement& row) { return text_at(row, 0); });
}

Result<std::string> SettingTable::needed(std::string_view name) {
  ROOTLET_TRY(std::optional<std::string> value, find(name));
  if (!value.has_value()) return missing("setting", name);
  return *std::move(value);
}

Result<std::uint64_t> SettingTable::number(std::string_view name, std::uint64_t fallback) {
  ROOTLET_TRY(const std::optional<std::string> text, find(name));
  if (!text.has_value()) return fallback;
  std::uint64_t number = 0;
  const char* end = text->data() + text->size();
  const auto read = std::from_chars(text->data(), end, number);
  if (read.ec == std::errc{} && read.ptr == end) return number;
  return fail(ErrorCode::kStorageDamaged,
              "the realm's setting " + std::string(name) + " is not a number");
}

Status SettingTable::save(std::string_view name, std::string_view value) {
  ROOTLET_TRY(Statement save, database_->prepare(upsert("settings", "name", "value")));
  return save.bind_all(name, value).run();
}

Result<SymmetricKey> SecretTable::find(std::string_view name) {
  ROOTLET_TRY(Statement query, database_->prepare("SELECT secret FROM secrets WHERE name=?"));
  query.bind_all(name);
  ROOTLET_TRY(const bool there, query.step());
  if (!there) return missing("key", name);
  return database_->unseal(name, query.blob(0));
}

Result<bool> SecretTable::has(std::string_view name) {
  ROOTLET_TRY(Statement query, database_->prepare("SELECT 1 FROM secrets WHERE name=?"));
  return query.bind_all(name).step();
}

Status SecretTable::add(std::string_view name, const SymmetricKey& secret) {
  ROOTLET_TRY(Statement save, database_->prepare("INSERT INTO secrets VALUES(?,?)"));
  return save.bind_all(name, database_->seal(name, secret)).run();
}

Status SecretTable::replace(std::string_view name, const SymmetricKey& secret) {
  ROOTLET_TRY(remove(name));
  return add(name, secret);
}

Status SecretTable::remove(std::string_view name) {
  ROOTLET_TRY(Statement remove, database_->prepare("DELETE FROM secrets WHERE name=?"));
  return remove.bind_all(name).run();
}

Status SecretTable::succeed(std::string_view name, const SymmetricKey& secret) {
  ROOTLET_TRY(const std::vector<SymmetricKey> before, former(name));
  ROOTLET_TRY(const SymmetricKey last, find(name));
  ROOTLET_TRY(add(former_name(name, before.size() + 1), last));
  return replace(name, secret);
}

Result<std::vector<SymmetricKey>> SecretTable::former(std::string_view name) {
  std::vector<SymmetricKey> keys;
  while (true) {
    const std::string next = former_name(name, keys.size() + 1);
    ROOTLET_TRY(const bool is_there, has(next));
    if (!is_there) break;
    ROOTLET_TRY(SymmetricKey key, find(next));
    keys.push_back(std::move(key));
  }
  std::ranges::reverse(keys);
  return keys;
}

Status SecretTable::forget_former(std::string_view name) {
  ROOTLET_TRY(const std::vector<SymmetricKey> keys, former(name));
  for (std::size_t number = 1; number <= keys.size(); ++number) {
    ROOTLET_TRY(remove(former_name(name, number)));
  }
  return ok();
}

Result<SigningKey> SecretTable::signing_key(std::string_view name) {
  ROOTLET_TRY(const SymmetricKey seed, find(name));
  return SigningKey::from_seed(seed);
}

Result<SealingKey> SecretTable::sealing_key(std::string_view name) {
  ROOTLET_TRY(SymmetricKey key, find(name));
  return SealingKey::from_secret(std::move(key));
}

Status MetadataTable::save(std::string_view role, const MetadataEntry& entry) {
  if (role != "root") {
    ROOTLET_TRY(Statement remove, database_->prepare("DELETE FROM metadata WHERE role=?"));
    ROOTLET_TRY(remove.bind_all(role).run());
  }
  ROOTLET_TRY(Statement save, database_->prepare("INSERT INTO metadata VALUES(?,?,?,?,?,?)"));
  return save
      .bind_all(role, entry.version, unix_s(entry.signed_at), unix_s(entry.expires),
                ByteView(entry.file), ByteView(entry.fingerprint))
      .run();
}

Result<std::optional<MetadataEntry>> MetadataTable::newest(std::string_view role) {
  ROOTLET_TRY(
      Statement query,
      database_->prepare("SELECT version, signed_at, expires, file, fingerprint FROM metadata "
                         "WHERE role=? ORDER BY version DESC LIMIT 1"));
  query.bind_all(role);
  return read_one(query, [](const Statement& row) { return metadata_at(row, 0); });
}

Result<std::vector<RoleMetadata>> MetadataTable::all() {
  ROOTLET_TRY(Statement query,
              database_->prepare("SELECT role, version, signed_at, expires, file, fingerprint "
                                 "FROM metadata ORDER BY role, version"));
  return read_all(query, [](const Statement& row) {
    return RoleMetadata(text_at(row, 0), metadata_at(row, 1));
  });
}

Bytes join_keys(const std::vector<PublicKey>& keys) {
  Bytes bytes;
  for (const PublicKey& key : keys) bytes.insert(bytes.end(), key.begin(), key.end());
  return bytes;
}

std::vector<PublicKey> split_keys(ByteView bytes) {
  constexpr std::size_t kKeyBytes = PublicKey{}.size();
  std::vector<PublicKey> keys;
  for (; bytes.size() >= kKeyBytes; bytes = bytes.subspan(kKeyBytes)) {
    const Result<PublicKey> key = public_key_from(bytes.first(kKeyBytes));
    if (key.has_value()) keys.push_back(key.value());
  }
  return keys;
}

}  // namespace rootlet::platform
