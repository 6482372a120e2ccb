#include "platform/migration/database_move.hpp"

#include <memory>

#include "platform/homes/home_address.hpp"
#include "platform/intake/intake.hpp"
#include "platform/migration/table_copy.hpp"
#include "platform/online/online_roles.hpp"

namespace rootlet::platform {
namespace {

// One file, locked, and the schema that its tables move to.
struct Move {
  explicit Move(Database opened) : file(std::move(opened)) {}
  Database file;
  std::optional<rootlet::Transaction> lock = {};
  std::vector<CopiedTable> tables = {};
  std::optional<Store> target = {};
};
using Moves = std::vector<std::unique_ptr<Move>>;  // the first is the registry's

std::vector<StorePlace> places_of(Realm& realm, const std::string& address) {
  const RealmFolder& folder = realm.folder();
  return {{folder.registry(), &realm.key(), address},
          {folder.serving().database(), &realm.serving().key(), address},
          {folder.serving().inbox(), &realm.serving().key(), address},
          {folder.intake().database(), &realm.intake().key(), address},
          {folder.intake().records(), &realm.intake().key(), address}};
}

// A folder of the realm that looks like a realm in the database, with the keys of this one: opening
// its homes makes their tables there.
class Draft {
 public:
  explicit Draft(const RealmFolder& realm) : realm_(realm), path_(realm.path / "moving") {}
  ~Draft() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  Draft(const Draft&) = delete;
  Draft& operator=(const Draft&) = delete;

  ServingFolder serving() const { return {path_ / "serving"}; }
  IntakeFolder intake() const { return {path_ / "intake"}; }

  Status make(const std::string& address) {
    std::error_code failed;
    fs::remove_all(path_, failed);
    ROOTLET_TRY(make_home(serving(), realm_.serving(), address));
    return make_home(intake(), realm_.intake(), address);
  }

 private:
  template <typename Folder>
  static Status make_home(const Folder& draft, const Folder& home, const std::string& address) {
    ROOTLET_TRY(make_private_directory(draft.path));
    std::error_code failed;
    fs::create_symlink(fs::absolute(home.key()), draft.key(), failed);
    if (failed) return fail(ErrorCode::kStorage, draft.key().string() + ": " + failed.message());
    return save_address(draft.address(), address);
  }
  RealmFolder realm_;
  fs::path path_;
};

Error other_realm() {
  return fail(ErrorCode::kUsage,
              "the database has another realm's tables: name another database, or a schema of its "
              "own with ?schema=NAME. Nothing was changed.");
}

// A schema that exists opens with its own home's key alone.
Status make_tables(Realm& realm, const std::vector<StorePlace>& places) {
  Draft draft(realm.folder());
  ROOTLET_TRY(draft.make(places.front().database));
  const Result<Registry> registry = Registry::open(places[0]);
  if (registry.has_error()) {
    const bool has_other_key = registry.error().code == ErrorCode::kStorageDamaged;
    return has_other_key ? other_realm() : registry.error();
  }
  ROOTLET_TRY(ServingHome::open(draft.serving()));
  ROOTLET_TRY(IntakeHome::open(draft.intake()));
  ROOTLET_TRY(Intake::open({.inbox = places[2], .records = places[4]}, {}));
  return ok();
}

// A file that was never needed is made, and has no tables.
Result<std::unique_ptr<Move>> begin_move(const StorePlace& place) {
  ROOTLET_TRY(Database file,
              Database::open(place.file, *place.key, {.durability = Durability::kFull}));
  auto move = std::make_unique<Move>(std::move(file));
  ROOTLET_TRY(rootlet::Transaction lock, rootlet::Transaction::begin(move->file));
  move->lock.emplace(std::move(lock));
  ROOTLET_TRY(move->tables, tables_of(move->file));
  ROOTLET_TRY(move->target, Store::open_made(place));
  return move;
}

// The database is empty, or has what an earlier run brought there.
Status check_same_realm(Move& registry) {
  const bool has_moved = registry.tables.front().has_moved;
  ROOTLET_TRY(rootlet::Statement query,
              registry.file.prepare(std::string("SELECT value FROM ") +
                                    (has_moved ? "moved_settings" : "settings") + " WHERE name=?"));
  ROOTLET_TRY(const bool is_there, query.bind_all(kSettingRealmId).step());
  ROOTLET_TRY(const std::optional<std::string> held,
              SettingTable(*registry.target).find(kSettingRealmId));
  if (!held.has_value() || (is_there && query.text(0) == *held)) return ok();
  return other_realm();
}

Status compare(Move& move, DatabaseMove& done) {
  for (const CopiedTable& table : move.tables) {
    ROOTLET_TRY(const TableDigest ours, digest_of(move.file, table));
    ROOTLET_TRY(const TableDigest theirs, digest_of(*move.target, table));
    if (!(ours == theirs)) {
      return fail(ErrorCode::kStorageDamaged,
                  "table " + table.name + " is not the same in the database: " +
                      std::to_string(ours.rows) + " rows here, " + std::to_string(theirs.rows) +
                      " there. The realm stays in its files.");
    }
    ++done.tables;
    done.rows += ours.rows;
  }
  return ok();
}

// From the first commit on the realm waits for the addresses.
Status switch_over(const RealmFolder& folder, Moves& moves, const std::string& address) {
  for (const auto& move : moves) {
    ROOTLET_TRY(rename_moved(move->file, move->tables));
  }
  for (const auto& move : moves) {
    ROOTLET_TRY(move->lock->commit());
  }
  ROOTLET_TRY(save_address(folder.intake().address(), address));
  ROOTLET_TRY(save_address(folder.serving().address(), address));
  return save_address(folder.address(), address);
}

}  // namespace

Result<DatabaseMove> move_to_database(Realm& realm, const std::string& address) {
  const RealmFolder& folder = realm.folder();
  ROOTLET_TRY(const FileLock publishing, lock_realm(folder));
  ROOTLET_TRY(const FileLock serving, lock_serving(folder.serving()));
  ROOTLET_TRY(const std::string held, load_address(folder.address()));
  if (!held.empty()) {
    return fail(ErrorCode::kUsage, "this realm keeps its tables in a database already");
  }
  const std::vector<StorePlace> places = places_of(realm, address);
  ROOTLET_TRY(make_tables(realm, places));
  Moves moves;
  for (const StorePlace& place : places) {
    ROOTLET_TRY(std::unique_ptr<Move> move, begin_move(place));
    moves.push_back(std::move(move));
  }
  ROOTLET_TRY(check_same_realm(*moves.front()));
  DatabaseMove done;
  for (const auto& move : moves) {
    ROOTLET_TRY(copy_tables(move->file, *move->target, move->tables));
    ROOTLET_TRY(compare(*move, done));
  }
  ROOTLET_TRY(switch_over(folder, moves, address));
  return done;
}

}  // namespace rootlet::platform
