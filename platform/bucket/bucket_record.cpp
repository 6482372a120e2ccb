// The tables of bucket.db.
#include "platform/bucket/bucket_record.hpp"

#include "storage/row_values.hpp"

namespace rootlet::platform {
namespace {

constexpr std::string_view kFirst = R"sql(
CREATE TABLE files(path TEXT PRIMARY KEY, stamp TEXT NOT NULL, digest BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE uploads(id TEXT PRIMARY KEY, path TEXT NOT NULL) WITHOUT ROWID;
)sql";
constexpr std::string_view kMigrations[] = {kFirst};

}  // namespace

Result<BucketRecord> BucketRecord::open(const fs::path& file, const SymmetricKey& key) {
  ROOTLET_TRY(Database database, Database::open(file, key));
  ROOTLET_TRY(migrate(database, kMigrations));
  return BucketRecord(std::move(database));
}

Result<PlacedFiles> BucketRecord::all() {
  PlacedFiles placed;
  ROOTLET_TRY(Statement query, database_.prepare("SELECT path, stamp, digest FROM files"));
  while (true) {
    ROOTLET_TRY(const bool more, query.step());
    if (!more) return placed;
    placed[text_at(query, 0)] = {.stamp = text_at(query, 1), .digest = hash_at(query, 2)};
  }
}

Status BucketRecord::save(const std::string& path, const Placed& placed) {
  const std::lock_guard guard(*mutex_);
  ROOTLET_TRY(Statement save, database_.prepare("INSERT OR REPLACE INTO files VALUES(?,?,?)"));
  return save.bind_all(path, placed.stamp, ByteView(placed.digest)).run();
}

Status BucketRecord::forget(const std::string& path) {
  const std::lock_guard guard(*mutex_);
  ROOTLET_TRY(Statement remove, database_.prepare("DELETE FROM files WHERE path=?"));
  return remove.bind_all(path).run();
}

Status BucketRecord::note_upload(const BegunUpload& upload) {
  const std::lock_guard guard(*mutex_);
  ROOTLET_TRY(Statement save, database_.prepare("INSERT OR REPLACE INTO uploads VALUES(?,?)"));
  return save.bind_all(upload.id, upload.path).run();
}

Status BucketRecord::forget_upload(const std::string& id) {
  const std::lock_guard guard(*mutex_);
  ROOTLET_TRY(Statement remove, database_.prepare("DELETE FROM uploads WHERE id=?"));
  return remove.bind_all(id).run();
}

Result<std::vector<BegunUpload>> BucketRecord::uploads() {
  ROOTLET_TRY(Statement query, database_.prepare("SELECT path, id FROM uploads"));
  return read_all(query, [](const Statement& row) {
    return BegunUpload{text_at(row, 0), text_at(row, 1)};
  });
}

}  // namespace rootlet::platform
