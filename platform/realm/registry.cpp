// The tables of platform.db, and the catalogue. Its other parts are registry_*.cpp.
#include "platform/realm/registry.hpp"

#include "storage/row_values.hpp"

namespace rootlet::platform {
namespace {

constexpr std::string_view kFirst = R"sql(
CREATE TABLE settings(name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE secrets(name TEXT PRIMARY KEY, secret BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE datasets(id TEXT PRIMARY KEY, definition TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE forms(id TEXT, version INTEGER, definition TEXT NOT NULL,
  PRIMARY KEY(id, version)) WITHOUT ROWID;
CREATE TABLE offices(id TEXT PRIMARY KEY, division TEXT NOT NULL, name TEXT NOT NULL,
  state INTEGER NOT NULL, token_hash BLOB NOT NULL UNIQUE, token_until INTEGER NOT NULL,
  signing_key BLOB, sealing_key BLOB, enrolled INTEGER NOT NULL, grant_version INTEGER NOT NULL,
  grant_issued INTEGER NOT NULL, grant_bytes INTEGER NOT NULL, grant_hash BLOB NOT NULL,
  grant_fingerprint BLOB NOT NULL);
CREATE INDEX offices_by_division ON offices(division);
CREATE TABLE grant_files(office TEXT PRIMARY KEY REFERENCES offices(id), file BLOB NOT NULL);
CREATE TABLE pending_grant_files(path TEXT PRIMARY KEY, office TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE grants(office TEXT REFERENCES offices(id), dataset TEXT REFERENCES datasets(id),
  divisions TEXT NOT NULL, max_grade INTEGER NOT NULL, basis TEXT NOT NULL,
  scenario TEXT NOT NULL, purposes TEXT NOT NULL, mode TEXT NOT NULL, until INTEGER NOT NULL,
  lease_days INTEGER NOT NULL, may_export INTEGER NOT NULL, approver TEXT NOT NULL,
  PRIMARY KEY(office, dataset)) WITHOUT ROWID;
CREATE INDEX grants_by_end ON grants(until);
CREATE TABLE dataset_keys(dataset TEXT, grade INTEGER, epoch INTEGER,
  secret BLOB NOT NULL, PRIMARY KEY(dataset, grade, epoch)) WITHOUT ROWID;
CREATE TABLE streams(dataset TEXT, partition TEXT, version INTEGER NOT NULL,
  epoch INTEGER NOT NULL, rows INTEGER NOT NULL, published INTEGER NOT NULL, digest BLOB NOT NULL,
  PRIMARY KEY(dataset, partition)) WITHOUT ROWID;
CREATE TABLE packs(dataset TEXT, partition TEXT, to_version INTEGER, from_version INTEGER,
  file INTEGER, offset INTEGER NOT NULL, file_bytes INTEGER NOT NULL,
  header_bytes INTEGER NOT NULL, id BLOB NOT NULL, retired INTEGER,
  PRIMARY KEY(dataset, partition, to_version, from_version, file)) WITHOUT ROWID;
CREATE INDEX retired_packs ON packs(dataset, retired) WHERE retired IS NOT NULL;
CREATE TABLE pack_files(dataset TEXT, grp TEXT, file INTEGER, stamp TEXT NOT NULL,
  PRIMARY KEY(dataset, grp, file)) WITHOUT ROWID;
CREATE TABLE metadata(role TEXT, version INTEGER, signed_at INTEGER NOT NULL,
  expires INTEGER NOT NULL, file BLOB NOT NULL, fingerprint BLOB NOT NULL,
  PRIMARY KEY(role, version));
)sql";

constexpr std::string_view kFormerKeys = R"sql(
CREATE TABLE former_keys(number INTEGER PRIMARY KEY, office TEXT NOT NULL REFERENCES offices(id),
  signing_key BLOB NOT NULL, sealing_key BLOB NOT NULL, enrolled INTEGER NOT NULL,
  ended INTEGER NOT NULL);
CREATE INDEX former_keys_by_office ON former_keys(office);
)sql";
constexpr std::string_view kGrantJoins =
    "ALTER TABLE grants ADD COLUMN joins TEXT NOT NULL DEFAULT ''";
// Divisions whose streams move to the keys of `epoch`.
constexpr std::string_view kRekeys = R"sql(
ALTER TABLE packs ADD COLUMN epoch INTEGER NOT NULL DEFAULT 1;
CREATE TABLE rekeys(dataset TEXT, division TEXT, epoch INTEGER NOT NULL,
  PRIMARY KEY(dataset, division)) WITHOUT ROWID;
)sql";
// What machines may hold, which outlives offices and datasets; datasets whose id is never used
// again.
constexpr std::string_view kHoldings = R"sql(
CREATE TABLE holdings(office TEXT, machine BLOB, dataset TEXT, since INTEGER NOT NULL,
  grant_version INTEGER NOT NULL, until INTEGER NOT NULL, lease_days INTEGER NOT NULL,
  ordered INTEGER, order_version INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY(office, machine, dataset)) WITHOUT ROWID;
CREATE INDEX holdings_by_dataset ON holdings(dataset);
CREATE TABLE withdrawn(id TEXT PRIMARY KEY, definition TEXT NOT NULL, at INTEGER NOT NULL,
  reason TEXT NOT NULL, swept INTEGER NOT NULL) WITHOUT ROWID;
)sql";
constexpr std::string_view kGrantTerms = R"sql(
ALTER TABLE grants ADD COLUMN emergency TEXT NOT NULL DEFAULT '';
ALTER TABLE grants ADD COLUMN emergency_since INTEGER NOT NULL DEFAULT 0;
ALTER TABLE grants ADD COLUMN max_rows INTEGER NOT NULL DEFAULT 0;
ALTER TABLE grants ADD COLUMN max_exports INTEGER NOT NULL DEFAULT 0;
ALTER TABLE offices ADD COLUMN settled_loss TEXT NOT NULL DEFAULT '';
)sql";
constexpr std::string_view kPendingOffices =
    "CREATE TABLE pending_offices(office TEXT PRIMARY KEY) WITHOUT ROWID";
// The path of a grant file follows from its office.
constexpr std::string_view kPendingGrantFiles = R"sql(
DROP TABLE pending_grant_files;
CREATE TABLE pending_grant_files(office TEXT PRIMARY KEY) WITHOUT ROWID;
)sql";
// What each publish found and did, or why it did nothing.
constexpr std::string_view kSheets = R"sql(
CREATE TABLE sheets(dataset TEXT, number INTEGER, sheet TEXT NOT NULL,
  PRIMARY KEY(dataset, number)) WITHOUT ROWID;
)sql";
// Where a dataset's rows come from by themselves, and how that went.
constexpr std::string_view kSources = R"sql(
CREATE TABLE sources(dataset TEXT PRIMARY KEY, file TEXT NOT NULL, health TEXT NOT NULL)
  WITHOUT ROWID;
)sql";
constexpr std::string_view kMigrations[] = {
    kFirst,    kStreamHistoryTables, kFormerKeys,     kDirectoryTables,   kGrantJoins, kRekeys,
    kHoldings, kGrantTerms,          kPendingOffices, kPendingGrantFiles, kSheets,     kSources};

// Nothing was released before content keys became a tree, so there is no way from older tables.
Status check_age(Database& database, const std::filesystem::path& path) {
  ROOTLET_TRY(const std::int64_t tables,
              database.integer("SELECT count(*) FROM sqlite_master WHERE name='settings'"));
  ROOTLET_TRY(const std::int64_t known,
              database.integer("SELECT count(*) FROM sqlite_master WHERE name='dataset_keys'"));
  if (tables == 0 || known > 0) return ok();
  return fail(ErrorCode::kUsage,
              path.string() +
                  ": this realm was made by an older version of rootlet-platform, whose "
                  "files this version does not read. Nothing was changed: make a new "
                  "realm with \"rootlet-platform init\"");
}

FormEntry form_at(const Statement& row) {
  return {.id = text_at(row, 0), .version = row.integer(1), .definition = text_at(row, 2)};
}

}  // namespace

Result<Registry> Registry::open(const StorePlace& place) {
  if (!place.database.empty()) {
    ROOTLET_TRY(Store database, Store::open(place, kMigrations));
    return Registry(std::move(database));
  }
  ROOTLET_TRY(Database file,
              Database::open(place.file, *place.key, {.durability = Durability::kFull}));
  ROOTLET_TRY(check_age(file, place.file));
  ROOTLET_TRY(Store database, Store::over(std::move(file), kMigrations));
  return Registry(std::move(database));
}

Status Registry::save_dataset(std::string_view id, std::string_view definition) {
  ROOTLET_TRY(Statement save,
              database_.prepare("INSERT INTO datasets VALUES(?1,?2) ON CONFLICT(id) "
                                "DO UPDATE SET definition=?2"));
  ROOTLET_TRY(save.bind_all(id, definition).run());
  ROOTLET_TRY(tree().touch(Touched::kDefinition, id, ""));
  ROOTLET_TRY(tree().touch(Touched::kCatalogue, "", ""));
  // The cut may be another, as long as nothing is published.
  ROOTLET_TRY(const std::vector<std::string> divisions, divisions_named_for(id));
  for (const std::string& division : divisions) {
    ROOTLET_TRY(tree().touch(Touched::kHeads, id, division));
    ROOTLET_TRY(tree().touch(Touched::kNode, "", division));
  }
  return ok();
}

Result<std::optional<std::string>> Registry::dataset(std::string_view id) {
  ROOTLET_TRY(Statement query, database_.prepare("SELECT definition FROM datasets WHERE id=?"));
  query.bind_all(id);
  return read_one(query, [](const Statement& row) { return text_at(row, 0); });
}

Result<std::vector<std::string>> Registry::dataset_ids() {
  ROOTLET_TRY(Statement query, database_.prepare("SELECT id FROM datasets ORDER BY id"));
  return read_all(query, [](const Statement& row) { return text_at(row, 0); });
}

Status Registry::save_form(const FormEntry& form) {
  ROOTLET_TRY(Statement save, database_.prepare("INSERT INTO forms VALUES(?,?,?)"));
  ROOTLET_TRY(save.bind_all(form.id, form.version, form.definition).run());
  return tree().touch(Touched::kCatalogue, "", "");
}

Result<std::vector<FormEntry>> Registry::forms() {
  ROOTLET_TRY(
      Statement query,
      database_.prepare("SELECT id, version, definition FROM forms AS f WHERE version=(SELECT "
                        "max(version) FROM forms WHERE id=f.id) ORDER BY id"));
  return read_all(query, form_at);
}

Result<std::vector<FormEntry>> Registry::all_forms() {
  ROOTLET_TRY(Statement query, database_.prepare("SELECT id, version, definition FROM forms"));
  return read_all(query, form_at);
}

Result<std::optional<FormEntry>> Registry::form(std::string_view id, std::int64_t version) {
  ROOTLET_TRY(Statement query, database_.prepare("SELECT id, version, definition FROM forms "
                                                 "WHERE id=? AND version=?"));
  query.bind_all(id, version);
  return read_one(query, form_at);
}

Status Registry::save_sheet(std::string_view dataset, std::string_view sheet) {
  ROOTLET_TRY(
      Statement save,
      database_.prepare("INSERT INTO sheets SELECT ?1, coalesce(max(number), 0) + 1, ?2 FROM "
                        "sheets WHERE dataset=?1"));
  ROOTLET_TRY(save.bind_all(dataset, sheet).run());
  ROOTLET_TRY(Statement forget,
              database_.prepare("DELETE FROM sheets WHERE dataset=?1 AND number<=(SELECT "
                                "max(number) FROM sheets WHERE dataset=?1)-?2"));
  return forget.bind_all(dataset, kKeptSheets).run();
}

Result<std::vector<std::string>> Registry::sheets(std::string_view dataset, std::int64_t most) {
  ROOTLET_TRY(Statement query,
              database_.prepare("SELECT sheet FROM sheets WHERE dataset=? ORDER BY number DESC "
                                "LIMIT ?"));
  query.bind_all(dataset, most);
  return read_all(query, [](const Statement& row) { return text_at(row, 0); });
}

}  // namespace rootlet::platform
