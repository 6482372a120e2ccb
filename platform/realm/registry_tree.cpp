// The tables of registry_tree.hpp. A pack's group follows from its stream's partition; it is stored
// so that the packs of a file are found by an index.
#include "platform/realm/registry_tree.hpp"

#include <memory>

#include "platform/realm/registry.hpp"
#include "storage/row_values.hpp"
#include "sync/pack/table/directory.hpp"

namespace rootlet::platform {
namespace {

constexpr std::string_view kStreamColumns =
    "SELECT number, dataset, partition, about, version, rows, published, digest, is_present "
    "FROM directory_streams ";
constexpr std::string_view kPackColumns =
    "SELECT dataset, partition, to_version, from_version, file, offset, file_bytes, header_bytes, "
    "id FROM directory_packs ";

std::string sql(std::string_view columns, std::string_view where) {
  return std::string(columns) + std::string(where);
}

DirectoryStream stream_at(const Statement& row) {
  return {.number = row.integer(0),
          .name = {text_at(row, 1), text_at(row, 2)},
          .about = text_at(row, 3),
          .version = count_at(row, 4),
          .rows = count_at(row, 5),
          .published = time_at(row, 6),
          .digest = hash_at(row, 7),
          .is_present = row.integer(8) != 0};
}

PackEntry pack_at(const Statement& row) {
  return {.id = hash_at(row, 8),
          .stream = {text_at(row, 0), text_at(row, 1)},
          .from = count_at(row, 3),
          .to = count_at(row, 2),
          .file = row.integer(4),
          .offset = count_at(row, 5),
          .file_bytes = count_at(row, 6),
          .header_bytes = count_at(row, 7)};
}

DirectoryFile file_at(const Statement& row) {
  return {.group = text_at(row, 0), .file = row.integer(1), .stamp = text_at(row, 2)};
}

bool is_slice_stream(const StreamName& name) {
  return name.dataset.starts_with(slice_stream("", "").dataset);
}

// Only nodes have a parent by which they are looked up, and slices their node.
std::string parent_in_table(const StreamName& name) {
  if (name == node_stream(name.partition)) return parent_of(name.partition);
  return is_slice_stream(name) ? name.partition : "";
}

}  // namespace

// No digit comes after '9', and no letter after 'z'.
PartitionRange range_of(std::string_view division) {
  if (division == "all") return {.begin = "", .end = "{"};
  return {.begin = std::string(division), .end = std::string(division) + ":"};
}

Status DirectoryTables::touch(Touched kind, std::string_view dataset, std::string_view division) {
  ROOTLET_TRY(Statement save, database_.prepare(upsert("touched", "kind, dataset, division")));
  return save.bind_all(kind, dataset, division).run();
}

Result<std::vector<Touch>> DirectoryTables::touched(Touched kind) {
  ROOTLET_TRY(Statement query, database_.prepare("SELECT dataset, division FROM touched "
                                                 "WHERE kind=? ORDER BY dataset, division"));
  query.bind_all(kind);
  return read_all(query, [](const Statement& row) {
    return Touch{.dataset = text_at(row, 0), .division = text_at(row, 1)};
  });
}

Status DirectoryTables::forget_touched() {
  return database_.execute("DELETE FROM touched");
}

Result<DirectoryStream> DirectoryTables::stream(const StreamName& name) {
  ROOTLET_TRY(Statement query,
              database_.prepare(sql(kStreamColumns, "WHERE dataset=? AND partition=?")));
  query.bind_all(name.dataset, name.partition);
  ROOTLET_TRY(std::optional<DirectoryStream> stream, read_one(query, stream_at));
  return std::move(stream).value_or(DirectoryStream{.name = name});
}

Status DirectoryTables::save_stream(DirectoryStream& stream) {
  const std::string save_by_name =
      upsert("directory_streams", "dataset, partition",
             "about, parent, version, rows, published, digest, is_present");
  // Who knows the number needs no answer.
  ROOTLET_TRY(
      Statement save,
      database_.prepare(stream.number == 0 ? save_by_name + " RETURNING number" : save_by_name));
  save.bind_all(stream.name.dataset, stream.name.partition, stream.about,
                parent_in_table(stream.name), stream.version, stream.rows, unix_s(stream.published),
                ByteView(stream.digest), stream.is_present);
  if (stream.number != 0) return save.run();
  ROOTLET_TRY(stream.number, save.number());
  return ok();
}

Result<std::vector<DirectoryStream>> DirectoryTables::nodes_below(std::string_view division) {
  // An expression, so that SQLite does not read all nodes in the order of their partitions.
  ROOTLET_TRY(Statement query,
              database_.prepare(sql(kStreamColumns,
                                    "WHERE parent=? AND dataset=? AND is_present=1 "
                                    "ORDER BY partition||''")));
  query.bind_all(division, kDirectoryPrefix);
  return read_all(query, stream_at);
}

Result<std::vector<DirectoryStream>> DirectoryTables::slices_of(std::string_view division) {
  ROOTLET_TRY(Statement query, database_.prepare(sql(kStreamColumns,
                                                     "WHERE parent=? AND dataset<>? AND "
                                                     "is_present=1 ORDER BY dataset")));
  query.bind_all(division, kDirectoryPrefix);
  return read_all(query, stream_at);
}

Status DirectoryTables::visit_present(const std::function<Status(const DirectoryStream&)>& visit) {
  ROOTLET_TRY(Statement query,
              database_.prepare(sql(kStreamColumns, "WHERE is_present=1 ORDER BY number")));
  while (true) {
    ROOTLET_TRY(const bool more, query.step());
    if (!more) return ok();
    ROOTLET_TRY(visit(stream_at(query)));
  }
}

Result<std::function<Result<bool>(DirectoryTables::Row&)>> DirectoryTables::rows_by_key(
    const DirectoryStream& stream) {
  ROOTLET_TRY(Statement query, database_.prepare("SELECT rid, key, image FROM directory_rows "
                                                 "WHERE stream=? ORDER BY key"));
  query.bind_all(stream.number);
  auto rows = std::make_shared<Statement>(std::move(query));
  return [rows](Row& row) -> Result<bool> {
    ROOTLET_TRY(const bool more, rows->step());
    if (!more) return false;
    row = {
        .rid = count_at(*rows, 0), .key = as_text(rows->blob(1)), .image = as_text(rows->blob(2))};
    return true;
  };
}

Result<Statement> DirectoryTables::row_saver() {
  return database_.prepare(upsert("directory_rows", "stream, rid", "key, image"));
}

Result<Statement> DirectoryTables::row_remover() {
  return database_.prepare("DELETE FROM directory_rows WHERE stream=? AND rid=?");
}

Result<std::vector<PackEntry>> DirectoryTables::packs_of(const StreamName& stream) {
  ROOTLET_TRY(Statement query, database_.prepare(sql(kPackColumns,
                                                     "WHERE dataset=? AND partition=? "
                                                     "ORDER BY to_version, from_version")));
  query.bind_all(stream.dataset, stream.partition);
  return read_all(query, pack_at);
}

Result<std::vector<PackEntry>> DirectoryTables::packs_in(const DirectoryFile& file) {
  ROOTLET_TRY(Statement query,
              database_.prepare(sql(kPackColumns, "WHERE grp=? AND file=? ORDER BY offset")));
  query.bind_all(file.group, file.file);
  return read_all(query, pack_at);
}

Status DirectoryTables::save_pack(const PackEntry& pack) {
  ROOTLET_TRY(Statement save, database_.prepare(upsert(
                                  "directory_packs", "dataset, partition, to_version, from_version",
                                  "grp, file, offset, file_bytes, header_bytes, id")));
  return save
      .bind_all(pack.stream.dataset, pack.stream.partition, pack.to, pack.from,
                group_of(pack.stream.partition), pack.file, pack.offset, pack.file_bytes,
                pack.header_bytes, ByteView(pack.id))
      .run();
}

Status DirectoryTables::remove_pack(const PackEntry& pack) {
  ROOTLET_TRY(Statement remove,
              database_.prepare("DELETE FROM directory_packs WHERE dataset=? AND partition=? AND "
                                "to_version=? AND from_version=?"));
  return remove.bind_all(pack.stream.dataset, pack.stream.partition, pack.to, pack.from).run();
}

Status DirectoryTables::remove_packs_of(const StreamName& stream) {
  ROOTLET_TRY(Statement remove,
              database_.prepare("DELETE FROM directory_packs WHERE dataset=? AND partition=?"));
  return remove.bind_all(stream.dataset, stream.partition).run();
}

Result<std::vector<DirectoryFile>> DirectoryTables::files_in_use() {
  ROOTLET_TRY(Statement query, database_.prepare("SELECT grp, file, stamp FROM directory_files "
                                                 "WHERE unused_since IS NULL"));
  return read_all(query, file_at);
}

Result<std::vector<DirectoryFile>> DirectoryTables::files() {
  ROOTLET_TRY(Statement query, database_.prepare("SELECT grp, file, stamp FROM directory_files"));
  return read_all(query, file_at);
}

Status DirectoryTables::save_file(const DirectoryFile& file) {
  ROOTLET_TRY(Statement save,
              database_.prepare("INSERT INTO directory_files VALUES(?,?,?,NULL) ON CONFLICT(grp, "
                                "file) DO UPDATE SET stamp=excluded.stamp, unused_since=NULL"));
  return save.bind_all(file.group, file.file, file.stamp).run();
}

Status DirectoryTables::note_unused_files(UnixTime now) {
  ROOTLET_TRY(Statement note,
              database_.prepare("UPDATE directory_files SET unused_since=? WHERE unused_since IS "
                                "NULL AND NOT EXISTS(SELECT 1 FROM directory_packs AS p WHERE "
                                "p.grp=directory_files.grp AND p.file=directory_files.file)"));
  return note.bind_all(unix_s(now)).run();
}

Result<std::vector<DirectoryFile>> DirectoryTables::files_unused_since(UnixTime until) {
  ROOTLET_TRY(Statement query, database_.prepare("SELECT grp, file, stamp FROM directory_files "
                                                 "WHERE unused_since<=?"));
  query.bind_all(unix_s(until));
  return read_all(query, file_at);
}

Status DirectoryTables::remove_file(const DirectoryFile& file) {
  ROOTLET_TRY(Statement remove,
              database_.prepare("DELETE FROM directory_files WHERE grp=? AND file=?"));
  return remove.bind_all(file.group, file.file).run();
}

Status DirectoryTables::save_node_pack(std::string_view division, ByteView pack) {
  ROOTLET_TRY(Statement save, database_.prepare(upsert("node_packs", "division", "pack")));
  return save.bind_all(division, pack).run();
}

Status DirectoryTables::remove_node_pack(std::string_view division) {
  ROOTLET_TRY(Statement remove, database_.prepare("DELETE FROM node_packs WHERE division=?"));
  return remove.bind_all(division).run();
}

Result<std::optional<Bytes>> DirectoryTables::node_pack(std::string_view division) {
  ROOTLET_TRY(Statement query, database_.prepare("SELECT pack FROM node_packs WHERE division=?"));
  query.bind_all(division);
  return read_one(query, [](const Statement& row) { return to_bytes(row.blob(0)); });
}

Result<std::vector<DirectoryTables::NodePack>> DirectoryTables::node_packs() {
  ROOTLET_TRY(Statement query,
              database_.prepare("SELECT division, pack FROM node_packs ORDER BY division"));
  return read_all(query, [](const Statement& row) {
    return NodePack{.division = text_at(row, 0), .pack = to_bytes(row.blob(1))};
  });
}

Status DirectoryTables::save_old_file(std::string_view path, UnixTime since) {
  ROOTLET_TRY(Statement save, database_.prepare(upsert("old_files", "path", "since")));
  return save.bind_all(path, unix_s(since)).run();
}

Result<std::vector<std::string>> DirectoryTables::old_files(UnixTime until) {
  ROOTLET_TRY(Statement query, database_.prepare("SELECT path FROM old_files WHERE since<=?"));
  query.bind_all(unix_s(until));
  return read_all(query, [](const Statement& row) { return text_at(row, 0); });
}

Status DirectoryTables::remove_old_file(std::string_view path) {
  ROOTLET_TRY(Statement remove, database_.prepare("DELETE FROM old_files WHERE path=?"));
  return remove.bind_all(path).run();
}

Status Registry::touch_stream(const StreamName& stream) {
  return tree().touch(Touched::kStream, stream.dataset, stream.partition);
}

Status Registry::touch_keys(const StreamName& division) {
  return tree().touch(Touched::kKeys, division.dataset, division.partition);
}

}  // namespace rootlet::platform
