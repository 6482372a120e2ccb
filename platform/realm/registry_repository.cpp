// The registry's table of the metadata, as last published.
#include "platform/realm/registry.hpp"
#include "storage/row_values.hpp"

namespace rootlet::platform {
namespace {

MetadataEntry metadata_at(const Statement& row, int first) {
  return {.version = row.integer(first),
          .signed_at = time_at(row, first + 1),
          .expires = time_at(row, first + 2),
          .file = to_bytes(row.blob(first + 3)),
          .fingerprint = hash_at(row, first + 4)};
}

}  // namespace

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
