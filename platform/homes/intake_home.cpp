// The tables of intake.db.
#include "platform/homes/intake_home.hpp"

#include "platform/homes/home_address.hpp"
#include "platform/homes/home_key.hpp"
#include "storage/row_values.hpp"

namespace rootlet::platform {
namespace {

constexpr std::string_view kFirst = R"sql(
CREATE TABLE offices(id TEXT PRIMARY KEY, state INTEGER NOT NULL, signing_key BLOB NOT NULL,
  sealing_key BLOB NOT NULL, former_keys BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE directories(version INTEGER PRIMARY KEY, hash BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE forms(id TEXT, version INTEGER, definition TEXT NOT NULL,
  PRIMARY KEY(id, version)) WITHOUT ROWID;
)sql";
constexpr std::string_view kMigrations[] = {kSettingsTable, kSecretsTable, kFirst};

}  // namespace

Result<IntakeHome> IntakeHome::open(const IntakeFolder& folder) {
  ROOTLET_TRY(SymmetricKey key, load_home_key(folder.key()));
  ROOTLET_TRY(const std::string address, load_address(folder.address()));
  ROOTLET_TRY(
      Store database,
      Store::open({.file = folder.database(), .key = &key, .database = address}, kMigrations));
  return IntakeHome(folder, std::move(key), std::move(database));
}

Result<IntakeHome> IntakeHome::create(const IntakeFolder& folder, const std::string& database) {
  ROOTLET_TRY(make_private_directory(folder.path));
  ROOTLET_TRY(make_home_key(folder.key()));
  ROOTLET_TRY(save_address(folder.address(), database));
  return open(folder);
}

Status IntakeHome::save_office(const JudgedOffice& office) {
  ROOTLET_TRY(
      Statement save,
      database_.prepare(upsert("offices", "id", "state, signing_key, sealing_key, former_keys")));
  const Bytes former = join_keys(office.former_keys);
  return save
      .bind_all(office.id, office.state, ByteView(office.signing_key), ByteView(office.sealing_key),
                ByteView(former))
      .run();
}

Status IntakeHome::remove_office(std::string_view id) {
  ROOTLET_TRY(Statement remove, database_.prepare("DELETE FROM offices WHERE id=?"));
  return remove.bind_all(id).run();
}

Result<std::optional<JudgedOffice>> IntakeHome::office(std::string_view id) {
  ROOTLET_TRY(Statement query, database_.prepare("SELECT state, signing_key, sealing_key, "
                                                 "former_keys FROM offices WHERE id=?"));
  ROOTLET_TRY(const bool there, query.bind_all(id).step());
  if (!there) return std::optional<JudgedOffice>();
  JudgedOffice office;
  office.id = id;
  office.state = static_cast<OfficeState>(query.integer(0));
  ROOTLET_TRY(office.signing_key, public_key_from(query.blob(1)));
  ROOTLET_TRY(office.sealing_key, SealingPublicKey::from(query.blob(2)));
  office.former_keys = split_keys(query.blob(3));
  return std::optional(std::move(office));
}

Status IntakeHome::save_directory(std::int64_t version, const Hash256& hash) {
  ROOTLET_TRY(Statement save,
              database_.prepare("INSERT INTO directories VALUES(?,?) ON CONFLICT DO NOTHING"));
  return save.bind_all(version, ByteView(hash)).run();
}

Result<bool> IntakeHome::has_directory(std::int64_t version, const Hash256& hash) {
  ROOTLET_TRY(Statement query, database_.prepare("SELECT 1 FROM directories "
                                                 "WHERE version=? AND hash=?"));
  return query.bind_all(version, ByteView(hash)).step();
}

Status IntakeHome::save_form(const FormEntry& form) {
  ROOTLET_TRY(Statement save, database_.prepare(upsert("forms", "id, version", "definition")));
  return save.bind_all(form.id, form.version, form.definition).run();
}

Result<std::optional<FormEntry>> IntakeHome::form(std::string_view id, std::int64_t version) {
  ROOTLET_TRY(Statement query, database_.prepare("SELECT definition FROM forms "
                                                 "WHERE id=? AND version=?"));
  query.bind_all(id, version);
  return read_one(query, [&](const Statement& row) {
    return FormEntry{std::string(id), version, text_at(row, 0)};
  });
}

}  // namespace rootlet::platform
