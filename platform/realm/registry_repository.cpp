// The registry's tables of the directory stream and the metadata, as last published.
#include "platform/realm/registry.hpp"
#include "storage/row_values.hpp"

namespace rootlet::platform {
namespace {

DirectoryRow directory_row_at(const Statement& row) {
  return {.kind = static_cast<DirectoryKind>(row.integer(1)),
          .id = text_at(row, 2),
          .a = row.integer(3),
          .b = row.integer(4),
          .size = row.integer(5),
          .time = row.integer(6),
          .hash = std::string(as_text(row.blob(7))),
          .body = text_at(row, 8)};
}

MetadataEntry metadata_at(const Statement& row, int first) {
  return {.version = row.integer(first),
          .signed_at = time_at(row, first + 1),
          .expires = time_at(row, first + 2),
          .file = to_bytes(row.blob(first + 3)),
          .fingerprint = hash_at(row, first + 4)};
}

}  // namespace

Result<std::map<Rid, DirectoryRow>> Registry::directory_rows() {
  ROOTLET_TRY(Statement query,
              database_.prepare("SELECT rid, kind, id, a, b, size, time, hash, body "
                                "FROM directory_rows ORDER BY rid"));
  std::map<Rid, DirectoryRow> rows;
  while (true) {
    ROOTLET_TRY(const bool more, query.step());
    if (!more) return rows;
    rows.emplace_hint(rows.end(), count_at(query, 0), directory_row_at(query));
  }
}

Status Registry::save_directory_row(Rid rid, const DirectoryRow& row) {
  ROOTLET_TRY(Statement save,
              database_.prepare("INSERT OR REPLACE INTO directory_rows VALUES(?,?,?,?,?,?,?,?,?)"));
  return save
      .bind_all(rid, row.kind, row.id, row.a, row.b, row.size, row.time, as_bytes(row.hash),
                row.body)
      .run();
}

Status Registry::remove_directory_row(Rid rid) {
  ROOTLET_TRY(Statement remove, database_.prepare("DELETE FROM directory_rows WHERE rid=?"));
  return remove.bind_all(rid).run();
}

Status Registry::save_directory_pack(const DirectoryPackEntry& pack) {
  ROOTLET_TRY(Statement save,
              database_.prepare("INSERT OR REPLACE INTO directory_packs VALUES(?,?,?,?,?)"));
  save.bind_all(pack.from, pack.to, pack.file_bytes, ByteView(pack.sha256), nullptr);
  if (pack.retired.has_value()) save.bind(5, unix_s(*pack.retired));
  return save.run();
}

Result<std::vector<DirectoryPackEntry>> Registry::directory_packs() {
  ROOTLET_TRY(Statement query,
              database_.prepare("SELECT from_version, to_version, file_bytes, sha256, retired "
                                "FROM directory_packs ORDER BY to_version, from_version"));
  return read_all(query, [](const Statement& row) {
    DirectoryPackEntry pack{.from = count_at(row, 0),
                            .to = count_at(row, 1),
                            .file_bytes = count_at(row, 2),
                            .sha256 = hash_at(row, 3)};
    if (!row.is_null(4)) pack.retired = time_at(row, 4);
    return pack;
  });
}

Status Registry::remove_directory_pack(Version from, Version to) {
  ROOTLET_TRY(Statement remove, database_.prepare("DELETE FROM directory_packs "
                                                  "WHERE from_version=? AND to_version=?"));
  return remove.bind_all(from, to).run();
}

// Keeps every version of root, because a client walks through all of them (TUF 5.3).
Status Registry::save_metadata(std::string_view role, const MetadataEntry& entry) {
  if (role != "root") {
    ROOTLET_TRY(Statement remove, database_.prepare("DELETE FROM metadata WHERE role=?"));
    ROOTLET_TRY(remove.bind_all(role).run());
  }
  ROOTLET_TRY(Statement save, database_.prepare("INSERT INTO metadata VALUES(?,?,?,?,?,?)"));
  return save
      .bind_all(role, entry.version, unix_s(entry.signed_at), unix_s(entry.expires),
                ByteView(entry.file), ByteView(entry.fingerprint))
      .run();
}

Result<std::optional<MetadataEntry>> Registry::newest_metadata(std::string_view role) {
  ROOTLET_TRY(
      Statement query,
      database_.prepare("SELECT version, signed_at, expires, file, fingerprint FROM metadata "
                        "WHERE role=? ORDER BY version DESC LIMIT 1"));
  query.bind_all(role);
  return read_one(query, [](const Statement& row) { return metadata_at(row, 0); });
}

Result<std::vector<std::pair<std::string, MetadataEntry>>> Registry::published_metadata() {
  ROOTLET_TRY(Statement query,
              database_.prepare("SELECT role, version, signed_at, expires, file, fingerprint "
                                "FROM metadata ORDER BY role, version"));
  return read_all(query, [](const Statement& row) {
    return std::pair<std::string, MetadataEntry>(text_at(row, 0), metadata_at(row, 1));
  });
}

}  // namespace rootlet::platform
