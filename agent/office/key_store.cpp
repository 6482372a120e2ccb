// The tables of keys.db, and the erasure of a key from file and write-ahead log.
#include "agent/office/key_store.hpp"

#include <array>

namespace rootlet::agent {
namespace {

constexpr std::array<std::string_view, 2> kMigrations = {R"(
  CREATE TABLE facts(name TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
  CREATE TABLE file_keys(name TEXT PRIMARY KEY, key BLOB NOT NULL) WITHOUT ROWID;
  CREATE TABLE erasures(id INTEGER PRIMARY KEY, dataset TEXT NOT NULL, at_unix_s INTEGER NOT NULL,
                        reason TEXT NOT NULL);
)",
                                                         R"(
  CREATE TABLE certificates(record TEXT PRIMARY KEY, form_values TEXT NOT NULL) WITHOUT ROWID;
)"};

constexpr std::string_view kDatasetPrefix = "dataset/";
constexpr std::string_view kAwakeFact = "awake";
constexpr std::size_t kBootBytes = 256;  // the ids of a boot and of a machine
constexpr std::string_view kUnfinishedErasure = "unfinished_erasure";

}  // namespace

std::string dataset_key_name(std::string_view dataset) {
  return std::string(kDatasetPrefix) + std::string(dataset);
}

Result<KeyStore> KeyStore::open(const Home& home, const SymmetricKey& machine_key,
                                std::chrono::milliseconds busy_wait) {
  ROOTLET_TRY(
      Database database,
      Database::open(home.keys(), machine_key,
                     {.durability = Durability::kFull, .cache_kib = 256, .busy_wait = busy_wait}));
  ROOTLET_TRY(migrate(database, kMigrations));
  return KeyStore(std::move(database));
}

Result<std::optional<Bytes>> KeyStore::fact(std::string_view name) {
  ROOTLET_TRY(Statement find, database_.prepare("SELECT value FROM facts WHERE name=?1"));
  find.bind_all(name);
  ROOTLET_TRY(const bool found, find.step());
  if (!found) return std::optional<Bytes>();
  return std::optional<Bytes>(to_bytes(find.blob(0)));
}

Status KeyStore::save_fact(std::string_view name, ByteView value) {
  return save_facts({{name, value}});
}

Status KeyStore::save_facts(std::span<const std::pair<std::string_view, ByteView>> facts) {
  ROOTLET_TRY(Transaction transaction, Transaction::begin(database_));
  ROOTLET_TRY(Statement save,
              database_.prepare("INSERT INTO facts(name, value) VALUES(?1, ?2) "
                                "ON CONFLICT(name) DO UPDATE SET value=excluded.value"));
  for (const auto& [name, value] : facts) {
    save.bind_all(name, value);
    ROOTLET_TRY(save.run());
  }
  return transaction.commit();
}

Status KeyStore::forget_fact(std::string_view name) {
  ROOTLET_TRY(Statement remove, database_.prepare("DELETE FROM facts WHERE name=?1"));
  return remove.bind_all(name).run();
}

Result<std::vector<std::string>> KeyStore::fact_names(std::string_view prefix) {
  ROOTLET_TRY(Statement list, database_.prepare("SELECT name FROM facts ORDER BY name"));
  std::vector<std::string> names;
  while (true) {
    ROOTLET_TRY(const bool row, list.step());
    if (!row) return names;
    if (list.text(0).starts_with(prefix)) names.emplace_back(list.text(0).substr(prefix.size()));
  }
}

Status KeyStore::move_facts(std::string_view from, std::span<const std::string_view> names) {
  ROOTLET_TRY(Transaction transaction, Transaction::begin(database_));
  ROOTLET_TRY(Statement clear, database_.prepare("DELETE FROM facts WHERE name=?1"));
  ROOTLET_TRY(Statement move, database_.prepare("UPDATE facts SET name=?2 WHERE name=?1"));
  for (const std::string_view name : names) {
    clear.bind_all(name);
    ROOTLET_TRY(clear.run());
    move.bind_all(std::string(from) + std::string(name), name);
    ROOTLET_TRY(move.run());
    if (database_.changes() != 1) {
      return fail(ErrorCode::kStorageDamaged, "keys.db: '" + std::string(name) + "' is missing");
    }
  }
  return transaction.commit();
}

Result<std::int64_t> KeyStore::data_version() {
  return database_.integer("PRAGMA data_version");
}

Result<bool> KeyStore::is_whole() {
  ROOTLET_TRY(Statement check, database_.prepare("PRAGMA quick_check(1)"));
  ROOTLET_TRY(const bool row, check.step());
  return row && check.text(0) == "ok";
}

Result<SymmetricKey> KeyStore::file_key(std::string_view name) {
  ROOTLET_TRY(Statement add, database_.prepare("INSERT INTO file_keys(name, key) VALUES(?1, ?2) "
                                               "ON CONFLICT(name) DO NOTHING"));
  ROOTLET_TRY(const bool held, has_file_key(name));
  if (!held) {
    const SymmetricKey fresh = SymmetricKey::random();
    add.bind_all(name, ByteView(fresh.expose()));
    ROOTLET_TRY(add.run());
  }
  // Read it back: another thread may have inserted its key first.
  ROOTLET_TRY(Statement find, database_.prepare("SELECT key FROM file_keys WHERE name=?1"));
  find.bind_all(name);
  ROOTLET_TRY(const bool found, find.step());
  if (!found) return fail(ErrorCode::kStorage, "keys.db: a key was not saved");
  return SymmetricKey::from(find.blob(0));
}

Result<bool> KeyStore::has_file_key(std::string_view name) {
  ROOTLET_TRY(Statement find, database_.prepare("SELECT 1 FROM file_keys WHERE name=?1"));
  find.bind_all(name);
  return find.step();
}

Result<std::vector<std::string>> KeyStore::file_key_names(std::string_view prefix) {
  ROOTLET_TRY(Statement list, database_.prepare("SELECT name FROM file_keys ORDER BY name"));
  std::vector<std::string> names;
  while (true) {
    ROOTLET_TRY(const bool row, list.step());
    if (!row) return names;
    if (list.text(0).starts_with(prefix)) names.emplace_back(list.text(0).substr(prefix.size()));
  }
}

Status KeyStore::forget_file_key(std::string_view name) {
  ROOTLET_TRY(Statement remove, database_.prepare("DELETE FROM file_keys WHERE name=?1"));
  remove.bind_all(name);
  return remove.run();
}

// SQLite overwrites the deleted key in the file. The write-ahead log holds the old page until it is
// emptied; the fact remembers that.
Status KeyStore::destroy_dataset_key(std::string_view dataset, const Erasure& erasure,
                                     const WaitingCertificate& certificate) {
  ROOTLET_TRY(Transaction transaction, Transaction::begin(database_));
  ROOTLET_TRY(Statement remove, database_.prepare("DELETE FROM file_keys WHERE name=?1"));
  ROOTLET_TRY(remove.bind_all(dataset_key_name(dataset)).run());
  ROOTLET_TRY(Statement note, database_.prepare("INSERT INTO erasures(dataset, at_unix_s, reason) "
                                                "VALUES(?1, ?2, ?3)"));
  ROOTLET_TRY(note.bind_all(dataset, erasure.at.time_since_epoch().count(), erasure.reason).run());
  ROOTLET_TRY(Statement remember,
              database_.prepare("INSERT OR REPLACE INTO facts(name, value) VALUES(?1, x'01')"));
  ROOTLET_TRY(remember.bind_all(kUnfinishedErasure).run());
  ROOTLET_TRY(save_certificate(certificate));
  return transaction.commit();
}

Status KeyStore::save_certificate(const WaitingCertificate& certificate) {
  ROOTLET_TRY(Statement save,
              database_.prepare("INSERT OR IGNORE INTO certificates VALUES(?1, ?2)"));
  return save.bind_all(certificate.record, certificate.values).run();
}

Result<std::vector<WaitingCertificate>> KeyStore::waiting_certificates() {
  ROOTLET_TRY(Statement list, database_.prepare("SELECT record, form_values FROM certificates "
                                                "ORDER BY record"));
  std::vector<WaitingCertificate> out;
  while (true) {
    ROOTLET_TRY(const bool row, list.step());
    if (!row) return out;
    out.push_back({.record = std::string(list.text(0)), .values = std::string(list.text(1))});
  }
}

Status KeyStore::forget_certificate(std::string_view record) {
  ROOTLET_TRY(Statement remove, database_.prepare("DELETE FROM certificates WHERE record=?1"));
  return remove.bind_all(record).run();
}

Status KeyStore::finish_erasures() {
  ROOTLET_TRY(const bool needed, has_unfinished_erasures());
  if (!needed) return ok();
  ROOTLET_TRY(database_.rewrite());
  ROOTLET_TRY(database_.empty_wal());
  ROOTLET_TRY(forget_fact(kUnfinishedErasure));
  return database_.empty_wal();
}

Result<bool> KeyStore::has_unfinished_erasures() {
  ROOTLET_TRY(const std::optional<Bytes> noted, fact(kUnfinishedErasure));
  return noted.has_value();
}

Result<std::vector<Erasure>> KeyStore::erasures() {
  ROOTLET_TRY(Statement list, database_.prepare("SELECT dataset, at_unix_s, reason FROM erasures "
                                                "ORDER BY id DESC LIMIT 100"));
  std::vector<Erasure> out;
  while (true) {
    ROOTLET_TRY(const bool row, list.step());
    if (!row) return out;
    out.push_back({.dataset = std::string(list.text(0)),
                   .at = UnixTime(std::chrono::seconds(list.integer(1))),
                   .reason = std::string(list.text(2))});
  }
}

Result<AwakeMark> KeyStore::awake_mark() {
  ROOTLET_TRY(const std::optional<Bytes> bytes, fact(kAwakeFact));
  if (!bytes) return AwakeMark{};
  ByteReader reader(*bytes, "keys.db: awake");
  AwakeMark mark;
  ROOTLET_TRY(const std::uint64_t total_ms, reader.u64());
  ROOTLET_TRY(const std::uint64_t since_boot_ms, reader.u64());
  ROOTLET_TRY(const ByteView boot, reader.sized(kBootBytes));
  ROOTLET_TRY(const ByteView machine, reader.sized(kBootBytes));
  mark.total = Awake(static_cast<std::int64_t>(total_ms));
  mark.since_boot = Awake(static_cast<std::int64_t>(since_boot_ms));
  mark.boot = std::string(as_text(boot));
  mark.machine = std::string(as_text(machine));
  return mark;
}

Status KeyStore::save_awake_mark(const AwakeMark& mark) {
  ByteWriter writer;
  writer.u64(static_cast<std::uint64_t>(mark.total.count()));
  writer.u64(static_cast<std::uint64_t>(mark.since_boot.count()));
  writer.sized(as_bytes(mark.boot));
  writer.sized(as_bytes(mark.machine));
  return save_fact(kAwakeFact, writer.view());
}

}  // namespace rootlet::agent
