// Slots and generations. A slot is being built, active or being dropped; only the streams table
// says which slot readers see. A generation is one table with one layout.
#include "sync/downlink/store/dataset_store.hpp"

#include <algorithm>
#include <array>

#include "core/file/file.hpp"
#include "storage/row_values.hpp"
#include "sync/downlink/store/search_index.hpp"

namespace rootlet {
namespace {

constexpr int kSecondCacheKib = 512;  // rows are read in page order

constexpr std::array<std::string_view, 2> kMigrations = {R"sql(
CREATE TABLE generations(
  generation INTEGER PRIMARY KEY AUTOINCREMENT,
  layout TEXT NOT NULL);
CREATE TABLE slots(
  slot INTEGER PRIMARY KEY AUTOINCREMENT,
  generation INTEGER NOT NULL);
CREATE TABLE streams(
  partition TEXT PRIMARY KEY,
  slot INTEGER NOT NULL UNIQUE REFERENCES slots(slot),
  version INTEGER NOT NULL,
  epoch INTEGER NOT NULL,
  as_of INTEGER NOT NULL,
  received INTEGER NOT NULL,
  rows INTEGER NOT NULL,
  damaged INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE digests(
  slot INTEGER NOT NULL REFERENCES slots(slot) ON DELETE CASCADE,
  grade INTEGER NOT NULL,
  value BLOB NOT NULL,
  PRIMARY KEY(slot, grade)) WITHOUT ROWID;
CREATE TABLE refused(
  pack BLOB PRIMARY KEY,
  tries INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE facts(
  name TEXT PRIMARY KEY,
  value TEXT NOT NULL) WITHOUT ROWID;
)sql",
                                                         R"sql(
CREATE TABLE watch_hits(
  watch TEXT NOT NULL,
  key TEXT NOT NULL,
  before INTEGER NOT NULL,
  after INTEGER NOT NULL,
  PRIMARY KEY(watch, key)) WITHOUT ROWID;
CREATE TABLE searched(
  generation INTEGER PRIMARY KEY,
  columns TEXT NOT NULL,
  next INTEGER);
)sql"};

// Appends columns at the end of sections. Existing rows read them as null and keep their digests,
// because a null adds nothing to the encoding of a row.
bool only_appends(const StoreLayout& from, const StoreLayout& to) {
  if (from.key != to.key || from.sections.size() != to.sections.size()) return false;
  for (std::size_t i = 0; i < from.sections.size(); ++i) {
    const auto& was = from.sections[i].columns;
    const auto& is = to.sections[i].columns;
    const bool same_start = from.sections[i].grade == to.sections[i].grade &&
                            was.size() <= is.size() &&
                            std::equal(was.begin(), was.end(), is.begin());
    if (!same_start) return false;
  }
  return true;
}

std::string bounds_of(Slot slot) {
  return "row_id BETWEEN " + std::to_string(row_id(slot, 0)) + " AND " +
         std::to_string(row_id(slot, limits::kMaxRid));
}

}  // namespace

std::string generation_table(std::int64_t generation) {
  return "rows_" + std::to_string(generation);
}

Result<DatasetStore> DatasetStore::open(const std::filesystem::path& path, const SymmetricKey& key,
                                        StoreLayout layout, const StoreOptions& options) {
  std::error_code ignored;
  if (!std::filesystem::exists(path, ignored)) {
    ROOTLET_TRY(create(path, key, options));
  }
  ROOTLET_TRY(Database database, Database::open(path, key, options.open));
  ROOTLET_TRY(migrate(database, kMigrations));
  DatasetStore store(std::move(database), path, key.clone(), std::move(layout), options);
  ROOTLET_TRY(store.take_layout());
  return store;
}

Result<Database*> DatasetStore::base_reader() {
  if (!base_reader_.has_value()) {
    OpenOptions options = options_.open;
    options.mode = OpenMode::kReadOnly;
    options.cache_kib = kSecondCacheKib;
    ROOTLET_TRY(Database reader, Database::open(path_, key_, options));
    base_reader_.emplace(std::move(reader));
  }
  return &*base_reader_;
}

Result<Database> DatasetStore::another_connection() {
  OpenOptions options = options_.open;
  options.mode = OpenMode::kReadWrite;
  options.cache_kib = kSecondCacheKib;
  options.checkpoints = false;
  return Database::open(path_, key_, options);
}

// Created under another name and renamed, so that a reader finds a file with all its tables or no
// file.
Status DatasetStore::create(const std::filesystem::path& path, const SymmetricKey& key,
                            const StoreOptions& options) {
  std::filesystem::path unfinished = path;
  unfinished += ".new";
  for (const char* suffix : {"", "-wal", "-shm"}) {
    ROOTLET_TRY(remove_file(unfinished.string() + suffix));
  }
  {
    ROOTLET_TRY(Database database, Database::open(unfinished, key, options.open));
    ROOTLET_TRY(migrate(database, kMigrations));
    ROOTLET_TRY(database.checkpoint());
  }
  std::error_code failed;
  std::filesystem::rename(unfinished, path, failed);
  if (failed) return fail(ErrorCode::kStorage, "rename to " + path.string());
  return sync_directory(path.parent_path());
}

Status DatasetStore::take_layout() {
  ROOTLET_TRY(Statement newest, database_.prepare("SELECT generation, layout FROM generations "
                                                  "ORDER BY generation DESC LIMIT 1"));
  ROOTLET_TRY(const bool any, newest.step());
  if (!any) return add_generation();
  generation_ = newest.integer(0);
  ROOTLET_TRY(const StoreLayout known, StoreLayout::parse(newest.text(1)));
  newest.reset();
  if (known.has_rows_of(layout_)) return take_search();
  if (!only_appends(known, layout_)) return add_generation();
  ROOTLET_TRY(extend_table(known));
  return take_search();
}

// Other searched columns need another index of the same rows. Until clean() has built it, people
// search by reading the rows.
Status DatasetStore::take_search() {
  ROOTLET_TRY(const std::optional<SearchState> state, load_search_state(database_, generation_));
  if (state ? state->columns == layout_.search : layout_.search.empty()) return ok();
  ROOTLET_TRY(Transaction transaction, Transaction::begin(database_));
  ROOTLET_TRY(drop_search_index(database_, generation_));
  ROOTLET_TRY(create_search_index(database_, generation_, layout_.search));
  return transaction.commit();
}

Result<bool> DatasetStore::build_search(const StopCheck& should_stop) {
  if (layout_.search.empty()) return true;
  while (true) {
    if (should_stop && should_stop()) return false;
    ROOTLET_TRY(Transaction transaction, Transaction::begin(database_));
    ROOTLET_TRY(const bool built, index_visible_rows(database_, generation_, options_.step_rows));
    ROOTLET_TRY(transaction.commit());
    if (built) break;
  }
  bool folded = false;
  while (!folded) {
    if (should_stop && should_stop()) return false;
    ROOTLET_TRY(folded, fold_search_index(database_, generation_));
  }
  return true;
}

Status DatasetStore::add_generation() {
  ROOTLET_TRY(Transaction transaction, Transaction::begin(database_));
  ROOTLET_TRY(Statement insert, database_.prepare("INSERT INTO generations(layout) VALUES(?1)"));
  ROOTLET_TRY(insert.bind_all(layout_.encode()).run());
  generation_ = database_.last_insert_rowid();
  ROOTLET_TRY(database_.execute(create_table_sql(layout_, table())));
  ROOTLET_TRY(create_search_index(database_, generation_, layout_.search));
  return transaction.commit();
}

Status DatasetStore::extend_table(const StoreLayout& from) {
  ROOTLET_TRY(Transaction transaction, Transaction::begin(database_));
  for (std::size_t i = 0; i < layout_.sections.size(); ++i) {
    const std::vector<ColumnSpec>& columns = layout_.sections[i].columns;
    for (std::size_t c = from.sections[i].columns.size(); c < columns.size(); ++c) {
      ROOTLET_TRY(database_.execute("ALTER TABLE " + quote_identifier(table()) + " ADD COLUMN " +
                                    column_sql(columns[c])));
    }
  }
  ROOTLET_TRY(Statement update,
              database_.prepare("UPDATE generations SET layout=?1 WHERE generation=?2"));
  ROOTLET_TRY(update.bind_all(layout_.encode(), generation_).run());
  return transaction.commit();
}

std::string DatasetStore::table() const {
  return generation_table(generation_);
}

Status DatasetStore::mark_damaged(std::string_view partition) {
  ROOTLET_TRY(Statement update,
              database_.prepare("UPDATE streams SET damaged=1 WHERE partition=?1"));
  return update.bind_all(partition).run();
}

Status DatasetStore::drop_stream(std::string_view partition) {
  ROOTLET_TRY(Statement remove, database_.prepare("DELETE FROM streams WHERE partition=?1"));
  return remove.bind_all(partition).run();
}

Result<Slot> DatasetStore::new_slot() {
  ROOTLET_TRY(Statement insert, database_.prepare("INSERT INTO slots(generation) VALUES(?1)"));
  ROOTLET_TRY(insert.bind_all(generation_).run());
  return database_.last_insert_rowid();
}

Status DatasetStore::put_stream(const HeldStream& stream) {
  ROOTLET_TRY(Statement put,
              database_.prepare("INSERT OR REPLACE INTO streams(partition, slot, version, epoch, "
                                "as_of, received, rows, damaged) VALUES(?1,?2,?3,?4,?5,?6,?7,?8)"));
  ROOTLET_TRY(put.bind_all(stream.partition, stream.slot, stream.version, stream.epoch,
                           stream.as_of.time_since_epoch().count(),
                           stream.received.time_since_epoch().count(), stream.rows,
                           stream.state == StreamState::kDamaged ? 1 : 0)
                  .run());
  ROOTLET_TRY(Statement digest, database_.prepare("INSERT OR REPLACE INTO digests(slot, grade, "
                                                  "value) VALUES(?1,?2,?3)"));
  for (const HeldDigest& held : stream.digests) {
    ROOTLET_TRY(digest.bind_all(stream.slot, held.grade, held.digest.value()).run());
  }
  return ok();
}

Result<bool> DatasetStore::clean(const StopCheck& should_stop) {
  struct Leftover {
    Slot slot;
    std::int64_t generation;
  };
  std::vector<Leftover> leftovers;
  ROOTLET_TRY(Statement select, database_.prepare("SELECT slot, generation FROM slots WHERE slot "
                                                  "NOT IN (SELECT slot FROM streams)"));
  while (true) {
    ROOTLET_TRY(const bool more, select.step());
    if (!more) break;
    leftovers.push_back({select.integer(0), select.integer(1)});
  }
  select.reset();
  for (const Leftover& leftover : leftovers) {
    ROOTLET_TRY(const bool cleared, clear_slot(leftover.slot, leftover.generation, should_stop));
    if (!cleared) return false;
  }
  ROOTLET_TRY(drop_unused_tables());
  ROOTLET_TRY(const bool built, build_search(should_stop));
  if (!built) return false;
  if (!leftovers.empty()) {
    ROOTLET_TRY(database_.checkpoint());
  }
  return true;
}

Result<bool> DatasetStore::clear_slot(Slot slot, std::int64_t generation,
                                      const StopCheck& should_stop) {
  const std::string table = quote_identifier(generation_table(generation));
  ROOTLET_TRY(
      Statement remove,
      database_.prepare("DELETE FROM " + table + " WHERE row_id IN (SELECT row_id FROM " + table +
                        " WHERE " + bounds_of(slot) + " ORDER BY row_id LIMIT ?1)"));
  do {
    if (should_stop && should_stop()) return false;
    ROOTLET_TRY(remove.bind_all(options_.step_rows).run());
  } while (database_.changes() > 0);
  ROOTLET_TRY(Statement forget, database_.prepare("DELETE FROM slots WHERE slot=?1"));
  ROOTLET_TRY(forget.bind_all(slot).run());
  return true;
}

Status DatasetStore::drop_unused_tables() {
  ROOTLET_TRY(Statement select,
              database_.prepare("SELECT generation FROM generations WHERE generation<>?1 AND "
                                "generation NOT IN (SELECT generation FROM slots)"));
  select.bind_all(generation_);
  std::vector<std::int64_t> unused;
  while (true) {
    ROOTLET_TRY(const bool more, select.step());
    if (!more) break;
    unused.push_back(select.integer(0));
  }
  select.reset();
  for (const std::int64_t generation : unused) {
    ROOTLET_TRY(Transaction transaction, Transaction::begin(database_));
    ROOTLET_TRY(drop_search_index(database_, generation));
    ROOTLET_TRY(database_.execute("DROP TABLE " + quote_identifier(generation_table(generation))));
    ROOTLET_TRY(Statement forget, database_.prepare("DELETE FROM generations WHERE generation=?1"));
    ROOTLET_TRY(forget.bind_all(generation).run());
    ROOTLET_TRY(transaction.commit());
  }
  return ok();
}

Status DatasetStore::note_refused(const Hash256& pack, int tries) {
  ROOTLET_TRY(Statement note, database_.prepare("INSERT INTO refused(pack, tries) VALUES(?1,?2) ON "
                                                "CONFLICT DO UPDATE SET tries=tries+?2"));
  return note.bind_all(pack, tries).run();
}

Result<std::set<Hash256>> DatasetStore::refused_packs() {
  ROOTLET_TRY(Statement select, database_.prepare("SELECT pack FROM refused WHERE tries>=?1"));
  select.bind_all(kPackTries);
  std::set<Hash256> packs;
  while (true) {
    ROOTLET_TRY(const bool more, select.step());
    if (!more) return packs;
    packs.insert(hash_at(select, 0));
  }
}

Result<std::string> DatasetStore::fact(std::string_view name) {
  ROOTLET_TRY(Statement select, database_.prepare("SELECT value FROM facts WHERE name=?1"));
  select.bind_all(name);
  ROOTLET_TRY(const bool known, select.step());
  return known ? std::string(select.text(0)) : std::string();
}

Status DatasetStore::save_fact(std::string_view name, std::string_view value) {
  ROOTLET_TRY(Statement save, database_.prepare("INSERT OR REPLACE INTO facts VALUES(?1,?2)"));
  return save.bind_all(name, value).run();
}

Status DatasetStore::validate_under(std::string_view basis) {
  const std::string whole = std::string(basis) + " " + layout_.encode();
  ROOTLET_TRY(const std::string known, fact("basis"));
  if (known == whole) return ok();
  ROOTLET_TRY(Transaction transaction, Transaction::begin(database_));
  ROOTLET_TRY(database_.execute("DELETE FROM refused"));
  ROOTLET_TRY(save_fact("basis", whole));
  return transaction.commit();
}

}  // namespace rootlet
